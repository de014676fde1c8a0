import { NetError } from '../../base/errors.ts'
import { EventHeap, type FutureEvent } from './event-heap.ts'

/** Turns between two visits to the real event loop, so that signals and progress get their chance: some 10 ms. */
const BURST = 4096

/**
 * The engine of a virtual run. Events happen in order of (time, sequence), one at a time; before the next one starts,
 * everything that the last one set off in promises has come to rest. So role code made of promises and clock timers
 * runs the same way every time, whatever the machine does.
 *
 * How it waits for promises: the next turn is a `process.nextTick` that is queued from a microtask. Node runs the tick
 * queue only when its microtask queue is empty, so no turn can overtake a promise, and no turn costs a visit to libuv.
 */
export class EventLoop {
  readonly #heap = new EventHeap()
  readonly #settled = Promise.resolve()
  #now = 0
  #sequence = 0
  #events = 0
  #burst = 0
  #drivers = 0
  #outside = 0
  #parked = true
  #stuck: Set<() => void> = new Set()
  #failure: { readonly error: unknown } | undefined

  /** Virtual ms since the start of the run. */
  get now(): number {
    return this.#now
  }

  /** Events that have happened. */
  get events(): number {
    return this.#events
  }

  /** Do `action` after `delayMs` of virtual time (at once when 0, but after what is already due). Returns its event. */
  after(delayMs: number, action: () => void): FutureEvent {
    if (!(delayMs >= 0)) throw new RangeError(`delayMs must be 0 or more, not ${delayMs}`)
    const event: FutureEvent = { time: this.#now + delayMs, sequence: this.#sequence++, action }
    this.#heap.push(event)
    if (this.#parked && this.#drivers > 0) this.#wake()
    return event
  }

  /** Let virtual time run by itself from now on, whenever something is due; returns the way to stop. */
  start(): () => void {
    this.#drivers++
    if (this.#parked) this.#wake()
    let running = true
    return () => {
      if (running) this.#drivers--
      running = false
    }
  }

  /**
   * Run until `work` ends, and give its result.
   * @throws NetError `SCENARIO_INVALID` when nothing is left to happen and `work` has still not ended
   */
  async until<T>(work: Promise<T>): Promise<T> {
    const stop = this.start()
    const stuck = Promise.withResolvers<never>()
    const onStuck = (): void => {
      const idle = new NetError('SCENARIO_INVALID', 'nothing is left to happen, and the work awaited has not ended')
      stuck.reject(this.#failure === undefined ? idle : this.#failure.error)
    }
    this.#stuck.add(onStuck)
    try {
      return await Promise.race([work, stuck.promise])
    } finally {
      this.#stuck.delete(onStuck)
      stop()
    }
  }

  /**
   * Hold virtual time still while real work (a native decoder, a file) goes on outside, so that its duration leaves no
   * trace in the history.
   */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#outside++
    try {
      return await work
    } finally {
      this.#outside--
      if (this.#outside === 0 && this.#parked && this.#drivers > 0) this.#wake()
    }
  }

  #wake(): void {
    this.#parked = false
    this.#rest()
  }

  /** Come back once all promises rest. */
  #rest(): void {
    if (++this.#burst % BURST === 0) setImmediate(this.#turn)
    else this.#settled.then(this.#next)
  }

  readonly #next = (): void => process.nextTick(this.#turn)

  readonly #turn = (): void => {
    const held = this.#drivers === 0 || this.#outside > 0 || this.#failure !== undefined
    if (!held && this.#happen()) this.#rest()
    else this.#park()
  }

  /** Let the next event happen; false when there is none, or it failed. */
  #happen(): boolean {
    let event = this.#heap.pop()
    while (event !== undefined && event.action === undefined) event = this.#heap.pop()
    if (event?.action === undefined) return false
    const action = event.action
    event.action = undefined
    this.#now = event.time
    this.#events++
    try {
      action()
      return true
    } catch (error) {
      this.#failure = { error } // a bug: an action never throws; whoever awaits the run gets it
      return false
    }
  }

  #park(): void {
    this.#parked = true
    if (this.#outside > 0 || this.#drivers === 0) return
    for (const onStuck of this.#stuck) setImmediate(this.#reportStuck, onStuck)
  }

  /** One visit to the real loop later: if still nothing is due, nothing ever will be. */
  readonly #reportStuck = (onStuck: () => void): void => {
    if (this.#parked && this.#outside === 0 && this.#stuck.has(onStuck)) onStuck()
  }
}
