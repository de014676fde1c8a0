import type { Clock } from '../../base/clock.ts'

/** How slow one message may be. */
export interface Pace {
  /** In every such span of ms its bytes move, by 4 KiB a second at least. */
  readonly stallMs: number
  /** It is over after so many ms; never when left out. */
  readonly limitMs?: number
}

const LEAST_BYTES_PER_MS = 4 // 4 KiB/s: 32 streams over a line of 1 Mbit/s

/** Look now and then how far `progress`, in bytes, has moved, and call `onSlow` once when that is too little; the result ends it. */
export function watchPace(
  { stallMs, limitMs = Number.POSITIVE_INFINITY }: Pace,
  { clock, progress, onSlow }: { clock: Clock; progress: () => number; onSlow: (bytes: number) => void }
): () => void {
  const until = clock.monotonic() + limitMs
  let last = progress()
  let cancel = (): void => {}
  const look = (): void => {
    const moved = progress() - last
    last += moved
    if (moved < LEAST_BYTES_PER_MS * stallMs || clock.monotonic() >= until) onSlow(moved)
    else later()
  }
  const later = (): void => {
    cancel = clock.setTimer(Math.min(stallMs, until - clock.monotonic()), look)
  }
  later()
  return () => cancel()
}
