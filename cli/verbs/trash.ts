import { statSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { asError, isNetError, NetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import { type Trash, type TrashedShadow, withTrash } from '../../node/open-trash.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { readIds } from '../console/each-id.ts'
import { createReport, type Report } from '../console/report.ts'
import { EXIT } from '../console/run-verb.ts'

/** `sfmedir trash list|restore`: what a slave dropped and still has; while it is stopped. */
export function register(program: Command): void {
  const trash = program.command('trash').description('what a stopped slave dropped and still has')
  withSettings(trash.command('list [id...]'))
    .description('list dropped shadows: when, why, size, image and sharing; of these images only when given')
    .option('--json', 'one JSON object a line on stdout')
    .action((given: string[], flags: Record<string, unknown>) => use(given, flags, list))
  withSettings(trash.command('restore [id...]'))
    .description('bring back what was dropped of these images')
    .option('--all', 'of all images')
    .option('--json', 'one JSON object a line on stdout')
    .action((given: string[], flags: Record<string, unknown>) => {
      if (given.length > 0 === (flags.all === true)) throw new InvalidArgumentError('name images, or say --all')
      return use(given, flags, restore)
    })
}

type Verb = (trash: Trash, ids: readonly (ImageId | undefined)[], report: Report) => Promise<void>

async function use(given: readonly string[], flags: Record<string, unknown>, verb: Verb): Promise<void> {
  const ids = readIds(given)
  const { data } = loadConfig(flags)
  const report = createReport({ json: flags.json === true })
  if (statSync(data, { throwIfNoEntry: false }) === undefined) {
    throw new NetError('FILE_UNREADABLE', `there is no folder ${data}`)
  }
  try {
    await withTrash(data, trash => verb(trash, ids.length > 0 ? ids : [undefined], report))
  } catch (error) {
    if (!isNetError(error, 'STORE_LOCKED')) throw error
    const message = 'the slave runs, and its folder belongs to it: stop it, then look into its trash'
    throw new NetError('STORE_LOCKED', message, { cause: error })
  }
}

const list: Verb = async (trash, ids, report) => {
  let count = 0
  for (const id of ids) {
    for await (const { time, reason, bytes, image, sharing, number } of trash.list(id)) {
      const at = new Date(time).toISOString()
      const value = { image, sharing, number, bytes, reason, time: at }
      report.result(value, `${at}  ${reason.padEnd(8)}  ${String(bytes).padStart(10)}  ${image}  ${sharing}`)
      count++
    }
  }
  if (count === 0) report.say('nothing dropped')
}

const restore: Verb = async (trash, ids, report) => {
  let count = 0
  for (const id of ids) {
    const found: TrashedShadow[] = []
    for await (const shadow of trash.list(id)) found.push(shadow)
    for (const shadow of found) {
      const { image, sharing, number } = shadow
      try {
        if (!(await trash.restore(shadow))) continue
        report.result({ image, sharing, number }, `${image}  ${sharing}  restored`)
        count++
      } catch (thrown) {
        const error = asError(thrown)
        report.warn(`sfmedir: ${isNetError(error) ? error.code : 'INTERNAL'}: ${image}: ${error.message}`)
        process.exitCode = EXIT.failed
      }
    }
  }
  report.say(`${count} shadows restored`)
}
