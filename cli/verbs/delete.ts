import type { Command } from 'commander'
import { forEachId, readIds } from '../console/each-id.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withOwner } from '../config/open-configured.ts'
import { createReport } from '../console/report.ts'

/** `sfmedir delete ID...`: forget images of this owner, for good. */
export function register(program: Command): void {
  withSettings(program.command('delete <id...>'))
    .description('delete images of this owner, for good')
    .option('--json', 'one JSON object a line on stdout')
    .action(async (given: string[], flags: Record<string, unknown>) => {
      const ids = readIds(given)
      const config = loadConfig(flags)
      const report = createReport({ json: flags.json === true })
      await withOwner(config, owner =>
        forEachId(ids, report, async id => {
          const masters = await owner.delete(id)
          report.result({ id, masters }, `${id}  deleted, ${masters} masters know`)
        })
      )
    })
}
