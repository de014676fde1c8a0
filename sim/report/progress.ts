import type { Clock } from '../../base/clock.ts'

const WIDTH = 28

/** A progress bar with the time that is left, as one line of text. */
export class Progress {
  readonly #clock: Clock
  readonly #show: (line: string) => void
  readonly #beganAt: number
  #shownAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, show: (line: string) => void) {
    this.#clock = clock
    this.#show = show
    this.#beganAt = clock.monotonic()
  }

  /** Say which share (0 to 1, more is 1) is done; shown at most five times a second. */
  at(done: number, what = ''): void {
    const share = Math.min(1, Math.max(0, done))
    const now = this.#clock.monotonic()
    if (now - this.#shownAt < 200) return
    this.#shownAt = now
    const filled = Math.round(share * WIDTH)
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
    const left = share > 0.005 ? ` ${duration(((now - this.#beganAt) * (1 - share)) / share)} left` : ''
    this.#show(`${bar} ${(share * 100).toFixed(0).padStart(3)} %${left} ${what}`)
  }
}

/** Ms as people read them: 45 s, 3 min 20 s. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 90 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
