import type { Command } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { Progress } from '../../sim/report/progress.ts'
import type { Report } from '../console/report.ts'

/** What a long run is given to be watched and stopped with. */
export interface LongRun {
  readonly signal: AbortSignal
  readonly onProgress: (share: number, what?: string) => void
}

const INTERRUPTED = 130 // 128 and the number of SIGINT, as shells have it

/**
 * Run something long: progress with the time that is left on a terminal, and Ctrl-C ends it early with what is done. A
 * second Ctrl-C ends the process. Either way the exit code is 130.
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
  try {
    return await work({ signal: controller.signal, onProgress: (share, what) => progress.at(share, what) })
  } finally {
    process.off('SIGINT', onInterrupt)
    report.progress('') // what follows, an error too, starts on a clean line
  }
}

/** The version of the program that a verb belongs to. */
export function versionOf(verb: Command): string {
  let root = verb
  while (root.parent !== null) root = root.parent
  return root.version() ?? 'unknown'
}
