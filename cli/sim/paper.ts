import { cpus } from 'node:os'
import { type Command, Option } from 'commander'
import { withDefaults } from '../../base/options.ts'
import { type Cluster, CRYPTO_NAMES } from '../../sim/cluster/cluster.ts'
import { paperFiles, paperText } from '../../sim/paper/report.ts'
import { PAPER_DEFAULTS } from '../../sim/paper/run.ts'
import { runPaper } from '../../sim/paper/run.ts'
import { prepareFolder, writeFiles } from '../../sim/report/result-files.ts'
import { createReport } from '../console/report.ts'
import { wholeNumber } from '../console/whole-number.ts'
import { CRYPTO_HELP } from './crypto-help.ts'
import { runLong, versionOf } from './run-long.ts'

const ENGINES = ['real', 'virtual'] satisfies Cluster['engine'][]

/** `sfmedir sim paper`: the paper's simulation and tables, its figure beside ours. */
export function register(sim: Command): void {
  const verb = sim
    .command('paper')
    .description("play the paper's Figs 13 and 14 and measure its Tables 11 to 14, its figures beside ours")
    .addOption(new Option('--engine <name>', 'timings mean something on real only').choices(ENGINES))
    .addOption(new Option('--crypto <name>', CRYPTO_HELP).choices(CRYPTO_NAMES))
    .option('--images <n>', 'images of a row of Table 13', wholeNumber(1, 100_000))
    .option('--image-bytes <n>', 'size of an image', wholeNumber(8, 2 ** 26))
    .option('--seconds <n>', 'how long each load of Table 12 is offered', wholeNumber(1, 600))
    .option('--kills <n>', 'images whose holders are killed for Table 14', wholeNumber(1, 1000))
    .option('--seed <seed>', 'names the cluster')
    .option('--out <folder>', 'write result.json and report.html there')
    .option('--json', 'one JSON object on stdout')
    .action(async ({ out, json, ...flags }) => {
      const config = withDefaults(PAPER_DEFAULTS, flags)
      if (out !== undefined) prepareFolder(out)
      const report = createReport({ json })
      const result = await runLong(report, run => runPaper(config, run))
      report.result(result, paperText(result).split('\n'))
      const made = { version: versionOf(verb), machine: machine() }
      if (out !== undefined) writeFiles(out, paperFiles(config, result, made))
      if (result.story?.identical === false) process.exitCode = 1
    })
}

function machine(): string {
  const cores = cpus()
  return `${cores.length} x ${cores[0]?.model ?? process.arch}, Node ${process.version}`
}
