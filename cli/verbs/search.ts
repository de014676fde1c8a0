import type { Command } from 'commander'
import type { FoundImage } from '../../node/client/user.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withUser } from '../config/open-configured.ts'
import { collectFiles } from '../console/collect-files.ts'
import { createReport } from '../console/report.ts'
import { wholeNumber } from '../console/whole-number.ts'

/** `sfmedir search IMAGE`: the stored images most similar to one. */
export function register(program: Command): void {
  withSettings(program.command('search <image...>'))
    .description('rank the stored images by their similarity to a query image (- for standard input)')
    .option('--k <n>', 'how many', wholeNumber(1, 1000), 10)
    .option('--json', 'one JSON object a line on stdout')
    .action(async (images: string[], flags: Record<string, unknown> & { k: number }) => {
      const config = loadConfig(flags)
      const report = createReport({ json: flags.json === true })
      const queries = collectFiles(images, { maxBytes: config.maxImageBytes })
      await withUser(config, async user => {
        for (const { path, read } of queries) {
          for (const found of await user.search(await read(), { k: flags.k })) {
            const { value, text } = shown(path, found)
            report.result(value, text)
          }
        }
      })
    })
}

const NOTES = Object.freeze({ KEY_WRONG: '(sealed)', MESSAGE_INVALID: '(metadata invalid)' })

/** An image found, as the verb prints it: `note` says why there is no name. */
export function shown(query: string, found: FoundImage): { value: object; text: string } {
  const { rank, id, distance, metadata, metadataError: note = null } = found
  const name = metadata?.name ?? null
  const label = note === null ? name : NOTES[note]
  return {
    value: { query, rank, id, distance, name, note },
    text: `${String(rank).padStart(4)}  ${id}  ${distance}  ${label}`
  }
}
