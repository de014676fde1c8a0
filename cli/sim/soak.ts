import type { Command } from 'commander'
import { RESULT_FORMAT, prepareFolder, writeFiles } from '../../sim/report/result-files.ts'
import { runParallelSoak } from '../../sim/soak/run-parallel.ts'
import { createReport } from '../console/report.ts'
import { wholeNumber } from '../console/whole-number.ts'
import { runLong, versionOf } from './run-long.ts'

/** `sfmedir sim soak`: random faults over many seeds, every promise checked. */
export function register(sim: Command): void {
  const verb = sim
    .command('soak')
    .description('play random histories with random faults, and check every promise along them')
    .option('--seeds <n>', 'how many histories', wholeNumber(1, 1e9), 200)
    .option('--first-seed <n>', 'the first seed', wholeNumber(0, 1e12), 1)
    .option('--masters <n>', 'masters of each', wholeNumber(1, 16))
    .option('--slaves <n>', 'slaves of each', wholeNumber(3, 1000))
    .option('--rough-ms <n>', 'virtual ms during which things go wrong', wholeNumber(1000, 1e9))
    .option('--faults <n>', 'faults of each', wholeNumber(0, 1e5))
    .option('--works <n>', 'stores, reads, searches and deletions of each', wholeNumber(1, 1e5))
    .option('--threads <n>', 'threads that share the seeds', wholeNumber(1, 64), 1)
    .option('--out <folder>', 'write result.json there')
    .option('--json', 'one JSON object on stdout')
    .action(async ({ out, json, threads, ...init }) => {
      if (out !== undefined) prepareFolder(out)
      const report = createReport({ json })
      const result = await runLong(report, run =>
        runParallelSoak(
          {
            ...init,
            ...run,
            onViolation: (seed, { invariant, message }) => report.warn(`seed ${seed} breaks "${invariant}": ${message}`)
          },
          threads
        )
      )
      const { violations, ...counts } = result
      for (const { replay } of violations) report.say(`replay: ${replay}`)
      report.result(
        result,
        `${counts.seeds} seeds, ${counts.virtualHours.toFixed(1)} virtual hours, ${counts.stores} stores ` +
          `(${counts.refusedStores} refused), ${counts.reads} reads, ${counts.deletions} deletions, ${violations.length} violations`
      )
      if (violations.length > 0) process.exitCode = 1
      if (out === undefined) return
      const head = { format: RESULT_FORMAT, kind: 'soak', version: versionOf(verb), seed: init.firstSeed, config: init }
      const kept = { ...head, complete: result.seeds === init.seeds, ...result }
      writeFiles(out, { 'result.json': `${JSON.stringify(kept, undefined, 2)}\n` })
    })
}
