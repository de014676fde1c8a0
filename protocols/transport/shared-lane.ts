import { Semaphore } from '../../base/semaphore.ts'
import { type Lanes, type LanesInit, MAX_WAITING } from './lanes.ts'
import { MAX_IN_HAND } from './shared-frame.ts'
import { SharedStream } from './shared-stream.ts'
import { StreamGone } from './wire-stream.ts'

/** One long-lived stream for small messages, many at a time; opened at the first, and anew when it turns out dead. */
export class SharedLane implements Lanes {
  readonly #init: LanesInit
  readonly #line = new Semaphore(MAX_IN_HAND / 2, MAX_WAITING)
  #stream: Promise<SharedStream> | undefined

  constructor(init: LanesInit) {
    this.#init = init
  }

  ask(request: readonly Uint8Array[], signal: AbortSignal): Promise<Uint8Array> {
    return this.#line.run(() => this.#ask(request, signal), { signal })
  }

  clear(): void {
    this.#stream?.then(stream => stream.abort()).catch(() => {}) // never opened
    this.#stream = undefined
  }

  // Once more when the stream turns out dead: its requests are all harmless to repeat.
  async #ask(request: readonly Uint8Array[], signal: AbortSignal): Promise<Uint8Array> {
    const stream = await this.#usable(signal)
    try {
      return await stream.ask(request, signal)
    } catch (error) {
      if (!(error instanceof StreamGone)) throw error
      const fresh = await this.#usable(signal)
      return await fresh.ask(request, signal)
    }
  }

  async #usable(signal: AbortSignal): Promise<SharedStream> {
    const known = this.#stream
    const stream = await known?.catch(() => undefined) // whoever opened it was told
    if (stream !== undefined && !stream.dead) return stream
    if (this.#stream !== known) return await this.#usable(signal)
    const opening = this.#init.open(signal).then(wire => new SharedStream(wire, this.#init))
    this.#stream = opening
    return await opening
  }
}
