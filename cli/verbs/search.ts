import type { Command } from 'commander'
import type { MasterReport } from '../../node/client/merge-answers.ts'
import type { FoundImage } from '../../node/client/user.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withUser } from '../config/open-configured.ts'
import { collectFiles } from '../console/collect-files.ts'
import { createReport, type Report } from '../console/report.ts'
import { wholeNumber } from '../console/whole-number.ts'
import { type Tile, writeSheet } from '../images/contact-sheet.ts'
import { KeyCheck } from '../images/key-check.ts'
import { searchRow } from '../images/search-sheet.ts'
import { shownName } from '../images/show-image.ts'

interface SearchFlags extends Record<string, unknown> {
  readonly k: number
  readonly masters: number
  readonly sheet?: string
}

/** `sfmedir search IMAGE`: the stored images most similar to one. */
export function register(program: Command): void {
  withSettings(program.command('search <image...>'))
    .description('rank the stored images by their similarity to a query image (- for standard input)')
    .option('--k <n>', 'how many', wholeNumber(1, 1000), 10)
    .option(
      '--masters <n>',
      'how many masters rank it; what one tells and another does not is reported',
      wholeNumber(1, 1000),
      2
    )
    .option('--sheet <file>', 'also write a PNG: each query beside its five nearest, fetched and decrypted')
    .option('--json', 'one JSON object a line on stdout')
    .action(async (images: string[], flags: SearchFlags) => {
      const config = loadConfig(flags)
      const report = createReport({ json: flags.json === true })
      const { files: queries } = collectFiles(images, { maxBytes: config.maxImageBytes })
      const keys = new KeyCheck(config.keys)
      const rows: Tile[][] = []
      await withUser(config, async user => {
        for (const { path, read } of queries) {
          const bytes = await read()
          const results = await user.search(bytes, {
            k: flags.k,
            masters: flags.masters,
            onReport: reports => tellDifferences(reports, report)
          })
          for (const found of results) keys.saw(found)
          // Under other keys codes have other masks: such a ranking means nothing, and is not shown.
          if (results.every(({ metadataError }) => metadataError === 'KEY_WRONG')) continue
          for (const found of results) {
            const { value, text } = shown(path, found)
            report.result(value, text)
          }
          if (flags.sheet !== undefined) rows.push(await searchRow({ path, bytes }, results, id => user.fetch(id)))
        }
      })
      if (flags.sheet !== undefined && rows.length > 0) await writeSheet(flags.sheet, rows)
      keys.close(report)
    })
}

/** Say of each master what it told that is not true, and what another told and it did not. */
function tellDifferences(reports: readonly MasterReport[], report: Report): void {
  for (const { master, false: wrong, withheld, coverage } of reports) {
    if (coverage !== undefined) report.warn(`sfmedir: master ${master} has ${coverage / 10} % of the index so far`)
    if (wrong > 0) report.warn(`sfmedir: PROOF_INVALID: ${wrong} results of master ${master} are false and left out`)
    if (withheld > 0) report.warn(`sfmedir: master ${master} does not tell of ${withheld} images that another does`)
  }
}

/** An image found, as the verb prints it: `note` says why there is no name, `similarityNote` why there is no similarity. */
export function shown(query: string, found: FoundImage): { value: object; text: string } {
  const { rank, id, distance, similarity, similarityError, metadata, metadataError: note = null } = found
  const alike = similarity === undefined ? null : Number(similarity.toFixed(4))
  return {
    value: {
      query,
      rank,
      id,
      distance,
      similarity: alike,
      similarityNote: similarityError ?? null,
      name: metadata?.name ?? null,
      note
    },
    text: `${String(rank).padStart(4)}  ${id}  ${distance}  ${similarity?.toFixed(2) ?? '-'.padStart(4)}  ${shownName(found)}`
  }
}
