import { dirname } from 'node:path'
import type { Command } from 'commander'
import { prepareFolder, readResult, writeFiles } from '../../sim/report/result-files.ts'
import { parseTheorem4Result } from '../../sim/theorem4/parse-result.ts'
import { theorem4Files } from '../../sim/theorem4/report.ts'
import { createReport } from '../console/report.ts'

/** `sfmedir sim report RESULT`: the report of a kept result once more. */
export function register(sim: Command): void {
  sim
    .command('report <result>')
    .description('make report.html, CSV and plots of a theorem4 result.json again')
    .option('--out <folder>', 'where to; beside the result when left out')
    .option('--json', 'one JSON object on stdout')
    .action(async (path: string, { out = dirname(path), json }: { out?: string; json?: boolean }) => {
      const { config, result, version } = parseTheorem4Result(readResult(path))
      prepareFolder(out)
      const files = await theorem4Files(config, result, version)
      const { 'result.json': _, ...made } = files
      writeFiles(out, made)
      createReport({ json }).result(
        { out, files: Object.keys(made) },
        `written to ${out}: ${Object.keys(made).join(', ')}`
      )
    })
}
