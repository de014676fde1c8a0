import type { Clock } from '../../base/clock.ts'
import type { EventLoop } from './event-loop.ts'

/** How a peer's clock differs from true virtual time. */
export interface ClockSkew {
  /** Ms that the clock is ahead (negative: behind). */
  readonly offsetMs: number
  /** How fast it runs: 1 is right, 1.001 gains 86 s a day. */
  readonly rate: number
}

/** One life of one peer's clock. A frozen clock (SIGSTOP) fires nothing until it thaws; a dead one (kill -9) nothing ever. */
export class VirtualClock implements Clock {
  readonly #loop: EventLoop
  readonly #skew: ClockSkew
  #alive = true
  #late: (() => void)[] | undefined

  constructor(loop: EventLoop, skew: Partial<ClockSkew> = {}) {
    this.#loop = loop
    this.#skew = { offsetMs: skew.offsetMs ?? 0, rate: skew.rate ?? 1 }
  }

  now(): number {
    return this.#skew.offsetMs + this.#loop.now * this.#skew.rate
  }

  monotonic(): number {
    return this.#loop.now * this.#skew.rate
  }

  setTimer(delayMs: number, action: () => void): () => void {
    let wanted = true
    const fire = (): void => {
      if (!this.#alive || !wanted) return
      if (this.#late === undefined) action()
      else this.#late.push(fire)
    }
    const event = this.#loop.after(Math.max(0, delayMs) / this.#skew.rate, fire)
    return () => {
      wanted = false
      event.action = undefined
    }
  }

  /** Stop firing: what falls due waits for {@link thaw}. */
  freeze(): void {
    this.#late ??= []
  }

  /** Fire what fell due meanwhile, in order, and go on. */
  thaw(): void {
    const late = this.#late ?? []
    this.#late = undefined
    for (const fire of late) this.#loop.after(0, fire)
  }

  /** Never fire again. */
  kill(): void {
    this.#alive = false
    this.#late = undefined
  }
}
