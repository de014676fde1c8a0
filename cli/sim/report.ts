import { dirname } from 'node:path'
import type { Command } from 'commander'
import { NetError } from '../../base/errors.ts'
import { readResult, writeFiles } from '../../sim/report/result-files.ts'
import type { Theorem4Config } from '../../sim/theorem4/config.ts'
import { theorem4Files } from '../../sim/theorem4/report.ts'
import type { Theorem4Result } from '../../sim/theorem4/run.ts'
import { createReport } from '../report.ts'

/** `sfmedir sim report RESULT`: the report of a kept result once more. */
export function register(sim: Command): void {
  sim
    .command('report <result>')
    .description('make report.html, CSV and plots of a theorem4 result.json again')
    .option('--out <folder>', 'where to; beside the result when left out')
    .option('--json', 'one JSON object on stdout')
    .action(async (path: string, { out = dirname(path), json }: { out?: string; json?: boolean }) => {
      const result = readResult(path)
      const fits = result.kind === 'theorem4' && Array.isArray(result.cells) && result.verdict && result.apart
      if (!fits) throw new NetError('RESULT_INVALID', `${path} is not a theorem4 result`)
      const files = await theorem4Files(
        result.config as Theorem4Config, // written by this format
        result as unknown as Theorem4Result,
        result.version
      )
      const { 'result.json': _, ...made } = files
      writeFiles(out, made)
      createReport({ json }).result(
        { out, files: Object.keys(made) },
        `written to ${out}: ${Object.keys(made).join(', ')}`
      )
    })
}
