import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ImageId } from '../../base/ids.ts'
import type { ListedImage } from '../../node/client/list-images.ts'
import type { User } from '../../node/client/user.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withUser } from '../config/open-configured.ts'
import { forEachId, readIds } from '../console/each-id.ts'
import { createReport, type Report } from '../console/report.ts'
import { type FetchInit, fileFetcher } from '../images/fetch-to-file.ts'
import { type FilterFlags, imageFilter, withFilters } from '../images/filter-images.ts'
import { KeyCheck } from '../images/key-check.ts'

interface FetchFlags extends FilterFlags {
  all?: string
  out: string
  force?: boolean
  mode: number
  byId?: boolean
  json?: boolean
}

/** `sfmedir fetch ID...`: stored images, rebuilt and decrypted, as files. */
export function register(program: Command): void {
  withSettings(withFilters(program.command('fetch [id...]')))
    .description('fetch images by their ids or names, byte for byte as they were stored')
    .option('--all <dir>', 'fetch every image that the other flags choose, or all, into a folder')
    .option('--out <dir>', 'folder to write to', '.')
    .option('--force', 'replace files that exist')
    .option('--by-id', 'name files by image ids instead of as they were stored')
    .addOption(
      new Option('--mode <octal>', 'who may read them, as chmod has it').argParser(readMode).default(0o600, '0600')
    )
    .option('--json', 'one JSON object a line on stdout')
    .action(async (given: string[], flags: FetchFlags) => {
      const ids = readIds(given)
      checkChoice(ids, flags)
      const config = loadConfig({ ...flags })
      const report = createReport(flags)
      const { force = false, byId = false, mode, all, out } = flags
      const init = { folder: resolve(all ?? out), force, byId, mode, keys: config.keys }
      await withUser(config, user =>
        ids.length > 0 ? fetchEach(user, ids, { report, init }) : fetchChosen(user, flags, { report, init })
      )
    })
}

interface Told {
  readonly report: Report
  readonly init: FetchInit
}

async function fetchEach(user: User, ids: readonly ImageId[], { report, init }: Told): Promise<void> {
  const fetchImage = fileFetcher(user, init)
  await forEachId(ids, report, async id => tell(await fetchImage(await user.describe(id)), report))
}

async function fetchChosen(user: User, flags: FetchFlags, { report, init }: Told): Promise<void> {
  const keys = new KeyCheck(init.keys)
  const matches = imageFilter(flags)
  const chosen = new Map<ImageId, ListedImage>()
  for await (const image of user.list({ owner: flags.owner })) {
    keys.saw(image)
    if (image.metadataError !== 'KEY_WRONG' && matches(image)) chosen.set(image.id, image)
  }
  const fetchImage = fileFetcher(user, init)
  let done = 0
  await forEachId([...chosen.keys()], report, async id => {
    report.progress(`${++done} of ${chosen.size}`)
    const image = chosen.get(id)
    if (image !== undefined) tell(await fetchImage(image), report)
  })
  if (chosen.size === 0) report.say('no images')
  keys.close(report)
}

function tell(fetched: Awaited<ReturnType<ReturnType<typeof fileFetcher>>>, report: Report): void {
  const { id, file, bytes, present } = fetched
  report.result(fetched, `${id}  ${present ? 'there already' : `${bytes} bytes`}  ${file}`)
}

function checkChoice(ids: readonly ImageId[], { all, name, label, owner, since, until }: FetchFlags): void {
  const filters = [name, label, owner, since, until].some(flag => flag !== undefined)
  if (ids.length > 0 && (filters || all !== undefined)) {
    throw new RangeError('images are chosen by their ids or by flags, not by both')
  }
  if (ids.length === 0 && !filters && all === undefined) {
    throw new RangeError('missing argument: say ids, --name PATTERN (or another choice), or --all DIR for every image')
  }
}

function readMode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8)
  throw new InvalidArgumentError('three octal digits such as 0644 are wanted.')
}
