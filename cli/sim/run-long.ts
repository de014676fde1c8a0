import type { Command } from 'commander'
import { type Clock, systemClock } from '../../base/clock.ts'
import { duration, Progress } from '../../sim/report/progress.ts'
import type { Report } from '../console/report.ts'

/** What a long run is given to be watched and stopped with. */
export interface LongRun {
  readonly signal: AbortSignal
  readonly onProgress: (share: number, what?: string) => void
}

const INTERRUPTED = 130 // 128 and the number of SIGINT, as shells have it
const CALIBRATION_MS = 1_000 // a run's own beginning says how fast this machine is
const WORTH_SAYING_MS = 5_000

/**
 * Run something long: how long it will take, said once by its first second; progress with the time that is left on a
 * terminal; and Ctrl-C ends it early with what is done. A second Ctrl-C ends the process. Either way the exit code is 130.
 */
export async function runLong<T>(report: Report, work: (run: LongRun) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED)
    controller.abort()
    process.exitCode = INTERRUPTED
    report.warn('stopping; what is done is kept. Once more to leave at once.')
  }
  process.on('SIGINT', onInterrupt)
  const progress = new Progress(systemClock, line => report.progress(line))
  const estimate = sayHowLong(report, systemClock)
  progress.at(0, 'starting')
  try {
    return await work({
      signal: controller.signal,
      onProgress: (share, what) => {
        estimate(share)
        progress.at(share, what)
      }
    })
  } finally {
    process.off('SIGINT', onInterrupt)
    report.progress('') // what follows, an error too, starts on a clean line
  }
}

/** Says once how long all of it will take, by what share the first second brought; nothing of what ends soon. */
export function sayHowLong(report: Pick<Report, 'warn'>, clock: Clock): (share: number) => void {
  const beganAt = clock.monotonic()
  let said = false
  return share => {
    const elapsedMs = clock.monotonic() - beganAt
    if (said || elapsedMs < CALIBRATION_MS || share <= 0) return
    said = true
    const allMs = elapsedMs / Math.min(1, share)
    if (allMs < WORTH_SAYING_MS) return
    report.warn(`this takes about ${duration(allMs)}, by its first ${duration(elapsedMs)} on this machine`)
  }
}

/** The version of the program that a verb belongs to. */
export function versionOf(verb: Command): string {
  let root = verb
  while (root.parent !== null) root = root.parent
  return root.version() ?? 'unknown'
}
