import type { Command } from 'commander'
import { collectFiles } from '../console/collect-files.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withClient } from '../config/open-configured.ts'
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
      await withClient(config, 'user', async ({ user }) => {
        for (const { path: query, read } of queries) {
          for (const { rank, image, distance, metadata } of (await user?.search(await read(), { k: flags.k })) ?? []) {
            const name = metadata?.name ?? null
            report.result(
              { query, rank, id: image, distance, name },
              `${String(rank).padStart(4)}  ${image}  ${distance}  ${name ?? '(sealed)'}`
            )
          }
        }
      })
    })
}
