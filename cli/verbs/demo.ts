import { type Command, InvalidArgumentError } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { demoCluster } from '../demo/cluster.ts'
import { demoImages } from '../demo/demo-images.ts'
import { type DemoResult, KILLS, type Kill, playDemo } from '../demo/play.ts'
import { type Tile, writeSheet } from '../images/contact-sheet.ts'
import { SETTINGS } from '../config/settings.ts'
import { listed } from '../console/listed.ts'
import { createReport, type Report } from '../console/report.ts'
import { EXIT } from '../console/run-verb.ts'
import { wholeNumber } from '../console/whole-number.ts'

interface DemoFlags {
  images?: string
  masters: number
  slaves: number
  threshold?: number
  total?: number
  kill: Kill[]
  k: number
  seed: string
  sheet?: string
  json?: boolean
}

/** `sfmedir demo`: the paper's simulation (Figs 13 and 14) on real peers, with real failures. */
export function register(program: Command): void {
  program
    .command('demo')
    .description(
      '2 masters and 5 slaves as processes: store real images, search, kill a slave, kill a master, search again'
    )
    .option(
      '--images <dir>',
      'images to store; sub-folders are classes (default: 20 slices of a brain MR or of a phantom)'
    )
    .option('--masters <n>', 'masters', wholeNumber(1, 16), 2)
    .option('--slaves <n>', 'slaves', wholeNumber(2, 64), 5)
    .option(
      '--threshold <r>',
      'fixed r, with --total (default: drawn for each image with at most 3 shadows)',
      wholeNumber(2, 254)
    )
    .option('--total <s>', 'fixed s, with --threshold', wholeNumber(2, 255))
    .option('--kill <list>', `what to kill in turn: ${KILLS.join(', ')}`, readKills, ['slave', 'master'] as Kill[])
    .option('--k <n>', 'images retrieved for a query', wholeNumber(1, 1000), 5)
    .option('--seed <text>', 'seed of the queries', '1')
    .option('--sheet <file>', 'also write a PNG: each query beside what it found')
    .option('--json', 'one JSON object on stdout')
    .action(async (flags: DemoFlags) => {
      const report = createReport(flags)
      const rows: (readonly Tile[])[] = []
      const result = await runDemo(flags, report, row => rows.push(row))
      if (flags.sheet !== undefined) {
        await writeSheet(flags.sheet, rows)
        report.say(`the queries beside what they found: ${flags.sheet}`)
      }
      tellEnd(report, result)
      const intact = result.rounds.every(
        ({ retrieved }) => retrieved.length > 0 && retrieved.every(({ identical }) => identical)
      )
      if (!intact) process.exitCode = EXIT.failed
    })
}

async function runDemo(flags: DemoFlags, report: Report, show: (row: readonly Tile[]) => void): Promise<DemoResult> {
  const { masters, slaves, threshold, total, k, seed } = flags
  if ((threshold === undefined) !== (total === undefined))
    throw new RangeError('threshold and total are given together or not at all')
  if ((total ?? 3) > slaves) throw new RangeError(`total must be at most the number of slaves, ${slaves}`)
  const images = await demoImages(flags.images, SETTINGS.maxImageBytes.fallback)
  const split = threshold === undefined ? { maxSlaves: 3 } : { threshold, total } // with 3 at most, the draw is the paper's (2, 3)
  const cluster = demoCluster({ masters, slaves, settings: split })
  const stop = (): void => void cluster.stop().finally(() => process.exit(EXIT.failed))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const from = systemClock.monotonic()
    await cluster.start()
    const startMs = Math.round(systemClock.monotonic() - from)
    report.say(
      `${masters} masters and ${slaves} slaves, each its own process on TCP, found each other in ${startMs} ms`
    )
    const kills: Kill[] = ['none', ...flags.kill.filter(kill => kill !== 'none')]
    const result = await playDemo(cluster, { images, kills, k, seed, say: report.say, progress: report.progress, show })
    return { ...result, timingsMs: { start: startMs, ...result.timingsMs } }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    await cluster.stop()
  }
}

function tellEnd(report: Report, result: DemoResult): void {
  const all = result.rounds.flatMap(({ retrieved }) => retrieved)
  const identical = all.filter(each => each.identical).length
  const precise = result.precisionAtK === null ? '' : `; precision at k ${result.precisionAtK.toFixed(3)}`
  report.result(result, [
    '',
    `${identical} of ${all.length} retrieved images are identical to what was stored${precise}`
  ])
}

function readKills(text: string): Kill[] {
  return text.split(',').map(part => {
    const kill = KILLS.find(each => each === part.trim())
    if (kill === undefined) throw new InvalidArgumentError(`${listed(KILLS)} is wanted.`)
    return kill
  })
}
