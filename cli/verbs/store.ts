import type { Command } from 'commander'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withOwner } from '../config/open-configured.ts'
import { collectFiles } from '../console/collect-files.ts'
import { createReport } from '../console/report.ts'
import { storeFiles } from '../images/store-files.ts'
import { StoreTally } from '../images/store-tally.ts'

/** `sfmedir store PATH...`: encrypt, hash and store images. */
export function register(program: Command): void {
  withSettings(program.command('store <path...>'))
    .description(
      'store images: files, folders, globs, or - for standard input; what is stored already is not stored again'
    )
    .option('--label <text...>', 'labels that go, sealed, with every image')
    .option('--again', 'store also what this owner has stored already')
    .option('--json', 'one JSON object a line on stdout, the last one the summary')
    .action(async (paths: string[], flags: { label?: string[]; again?: boolean; json?: boolean }) => {
      const config = loadConfig({ ...flags })
      const report = createReport(flags)
      const { files, hidden } = collectFiles(paths, { maxBytes: config.maxImageBytes })
      const bytes = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0)
      const { label: labels = [], again = false } = flags
      await withOwner(config, async owner => {
        const tally = new StoreTally(report, { files: files.length, bytes })
        tally.hidden(hidden)
        await storeFiles(owner, files, { labels, again, report, tally })
        tally.close()
      })
    })
}
