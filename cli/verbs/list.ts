import { type Command, Option } from 'commander'
import { type ImageId, imageId } from '../../base/ids.ts'
import type { ListedImage } from '../../node/client/list-images.ts'
import type { User } from '../../node/client/user.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withUser } from '../config/open-configured.ts'
import { asArgument } from '../console/as-argument.ts'
import { createReport, type Report } from '../console/report.ts'
import { wholeNumber } from '../console/whole-number.ts'
import { type FilterFlags, imageFilter, withFilters } from '../images/filter-images.ts'
import { KeyCheck } from '../images/key-check.ts'
import { imageLine, imageValue } from '../images/show-image.ts'

const ORDERS = ['time', 'name', 'id'] as const

interface ListFlags extends FilterFlags {
  sort: (typeof ORDERS)[number]
  limit: number
  after?: ImageId
  json?: boolean
}

/** `sfmedir list`: the stored images. */
export function register(program: Command): void {
  withSettings(withFilters(program.command('list').alias('ls')))
    .description('list the stored images: id, time, size, state, owner, name and labels')
    .addOption(new Option('--sort <order>', 'time: newest first').choices(ORDERS).default('time'))
    .option('--limit <n>', 'at most so many', wholeNumber(1, 1e9), 100)
    .option('--after <id>', 'go on after this image, in the same order', asArgument(imageId))
    .option('--json', 'one JSON object a line on stdout')
    .action(async (flags: ListFlags) => {
      const config = loadConfig({ ...flags })
      const report = createReport(flags)
      await withUser(config, user => list(user, flags, { report, keys: new KeyCheck(config.keys) }))
    })
}

async function list(user: User, flags: ListFlags, { report, keys }: { report: Report; keys: KeyCheck }): Promise<void> {
  const { sort, limit, after, owner } = flags
  let lies = 0
  const from = sort === 'id' ? after : undefined // in the order of ids the masters go on by themselves
  const all = user.list({ owner, after: from, onFalse: () => lies++ })
  const chosen = await choose(all, flags, keys)
  if (sort !== 'id') chosen.sort(sort === 'time' ? newestFirst : byName)
  const at = from === undefined && after !== undefined ? chosen.findIndex(({ id }) => id === after) + 1 : 0
  const page = chosen.slice(at, at + limit)
  for (const image of page) report.result(imageValue(image), imageLine(image))
  const more = chosen.length > at + limit
  const last = page.at(-1)
  if (more && last !== undefined) report.warn(`there are more: --after ${last.id}, or a larger --limit`)
  if (lies > 0) report.warn(`${lies} entries are left out: no owner of this network signed them`)
  if (page.length === 0) report.say('no images')
  keys.close(report)
}

/** The images that the flags choose; in the order of ids one more than asked for is enough. */
async function choose(all: AsyncIterable<ListedImage>, flags: ListFlags, keys: KeyCheck): Promise<ListedImage[]> {
  const matches = imageFilter(flags)
  const chosen: ListedImage[] = []
  for await (const image of all) {
    keys.saw(image)
    if (matches(image)) chosen.push(image)
    if (flags.sort === 'id' && chosen.length > flags.limit) break
  }
  return chosen
}

function newestFirst(a: ListedImage, b: ListedImage): number {
  return (b.metadata?.time ?? 0) - (a.metadata?.time ?? 0) || (a.id < b.id ? -1 : 1)
}

function byName(a: ListedImage, b: ListedImage): number {
  return (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? '') || (a.id < b.id ? -1 : 1)
}
