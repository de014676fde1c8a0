// `npm run soak [seeds] [first seed]`: random faults over many seeds; exit 1 when a promise was broken.
import { availableParallelism } from 'node:os'
import { systemClock } from '../base/clock.ts'
import { Progress } from './report/progress.ts'
import type { Violation } from './soak/play.ts'
import { runParallelSoak } from './soak/run-parallel.ts'

const [seeds = 2000, firstSeed = 1] = process.argv.slice(2).map(Number)
const controller = new AbortController()
process.once('SIGINT', () => controller.abort())
const live = process.stderr.isTTY
const progress = new Progress(systemClock, line => live && process.stderr.write(`\r\u001b[K${line}`))
const init = {
  seeds,
  firstSeed,
  signal: controller.signal,
  onProgress: (share: number, what: string) => progress.at(share, what),
  onViolation: (seed: number, { invariant, message }: Violation) =>
    console.error(`\nseed ${seed} breaks "${invariant}": ${message}`)
}
const result = await runParallelSoak(init, Math.min(8, availableParallelism()))
if (live) process.stderr.write('\r\u001b[K')
const { violations, ...counts } = result
for (const { replay } of violations) console.log(`replay: ${replay}`)
console.log(
  `${counts.seeds} seeds, ${counts.virtualHours.toFixed(1)} virtual hours, ${counts.stores} stores, ${counts.reads} reads, ` +
    `${counts.deletions} deletions, ${violations.length} violations`
)
process.exitCode = violations.length > 0 ? 1 : 0
