import { type Command, Option } from 'commander'
import { withDefaults } from '../../base/options.ts'
import { type Cluster, CRYPTO_NAMES } from '../../sim/cluster/cluster.ts'
import { openCluster } from '../../sim/engines/open-cluster.ts'
import { PROCESSES, STORES } from '../../sim/real/real-init.ts'
import { loadVega } from '../../sim/report/load-vega.ts'
import { prepareFolder, writeFiles } from '../../sim/report/result-files.ts'
import { checkTheorem4, FAILURE_MODELS, THEOREM4_DEFAULTS, type Theorem4Config } from '../../sim/theorem4/config.ts'
import { theorem4Files, theorem4Text } from '../../sim/theorem4/report.ts'
import { runTheorem4 } from '../../sim/theorem4/run.ts'
import { createReport } from '../console/report.ts'
import { wholeNumber } from '../console/whole-number.ts'
import { CRYPTO_HELP } from './crypto-help.ts'
import { number, numbers, pairs, words } from './read-options.ts'
import { runLong, versionOf } from './run-long.ts'

type Flags = Partial<Theorem4Config> & { out?: string; json?: boolean }

/** `sfmedir sim theorem4`: how often images cannot be read, beside both formulas of the paper. */
export function register(sim: Command): void {
  const verb = sim
    .command('theorem4')
    .description('measure how often images cannot be read, beside the exact binomial and the formula as printed')
    .addOption(
      new Option('--engine <name>', 'real peers, the same code on virtual time, or coins only')
        .choices(Object.keys(THEOREM4_DEFAULTS))
        .default('counting')
    )
    .option('--pairs <list>', '(r, s) pairs: 2/3,6/10', pairs)
    .option('--p <list>', 'failure probabilities: 0.1,0.3 or 0.05:0.6:0.05', numbers)
    .option('--trials <n>', 'reads (or coin rows) a cell', wholeNumber(1, 1e10))
    .option('--models <list>', `how slaves fail: ${FAILURE_MODELS.join(', ')}`, words)
    .option('--master-p <p>', 'probability that a master is down in a trial; counted apart (virtual)', number)
    .option('--masters <n>', 'masters of the network', wholeNumber(1, 64))
    .option('--slaves <n>', 'slaves of the network', wholeNumber(2, 4096))
    .option('--sites <n>', 'sites over which the slaves stand', wholeNumber(1, 4096))
    .option('--images <n>', 'images stored for each pair', wholeNumber(1, 1e6))
    .addOption(new Option('--crypto <name>', CRYPTO_HELP).choices(CRYPTO_NAMES))
    .addOption(
      new Option('--processes <one|own>', 'slaves in this process, or each in its own (real)').choices(PROCESSES)
    )
    .addOption(new Option('--stores <kind>', 'where shadows and records lie (real)').choices(STORES))
    .option('--latency-ms <ms>', 'what each message takes more, each way (real)', wholeNumber(0, 60_000))
    .option('--seed <seed>', 'the same seed gives the same bytes (virtual, counting)')
    .option('--out <folder>', 'write result.json, CSV, SVG and report.html there')
    .option('--json', 'one JSON object a line on stdout')
    .action((flags: Flags) => run(flags, versionOf(verb)))
}

async function run({ out, json, ...flags }: Flags, version: string): Promise<void> {
  const config = withDefaults(THEOREM4_DEFAULTS[flags.engine ?? 'counting'], flags)
  checkTheorem4(config)
  if (out !== undefined) {
    prepareFolder(out)
    await loadVega() // missing packages are told of before a long run, not after it
  }
  const report = createReport({ json })
  const { processes, stores, latencyMs } = config
  const engine = config.engine === 'real' ? 'real' : 'virtual'
  const cluster = (threshold: number, total: number): Promise<Cluster> =>
    openCluster(engine, { ...config, threshold: { fixed: { threshold, total } } }, { processes, stores, latencyMs })
  const result = await runLong(report, run => runTheorem4(config, { ...run, cluster }))
  if (json) for (const cell of result.cells) report.result(cell, '')
  report.result({ ...result, cells: undefined, others: result.others }, theorem4Text(result).split('\n'))
  if (out === undefined) return
  const files = await theorem4Files(config, result, version)
  writeFiles(out, files)
  report.say(`written to ${out}: ${Object.keys(files).join(', ')}`)
}
