import { Semaphore } from '../../base/semaphore.ts'
import { type Lanes, type LanesInit, MAX_WAITING } from './lanes.ts'
import { type Ask, ask, headed } from './request-response.ts'
import { StreamGone, type WireStream } from './wire-stream.ts'

const MOST_LANES = 16 // half of what the answering end allows
const IDLE_MS = 30_000 // well before the answering end gives up, so that both agree

/**
 * Lanes for bulk messages, each with a stream of its own while it is under way. The stream then waits for the next one:
 * opening one costs two round trips, and its flow window starts at 256 KiB again.
 */
export class OwnLanes implements Lanes {
  readonly #init: LanesInit
  readonly #line = new Semaphore(MOST_LANES, MAX_WAITING)
  readonly #idle = new Map<WireStream, () => void>()

  constructor(init: LanesInit) {
    this.#init = init
  }

  ask(request: readonly Uint8Array[], signal: AbortSignal): Promise<Uint8Array> {
    return this.#line.run(() => this.#ask(request, signal), { signal })
  }

  clear(): void {
    for (const [wire, cancel] of this.#idle) {
      cancel()
      wire.abort(new StreamGone('the network stopped'))
    }
    this.#idle.clear()
  }

  async #ask(parts: readonly Uint8Array[], signal: AbortSignal): Promise<Uint8Array> {
    const { open, maxAnswerBytes, stallMs } = this.#init
    const asked = { request: await headed(parts), maxAnswerBytes, stallMs, signal }
    const kept = this.#take()
    if (kept !== undefined) {
      try {
        return await this.#askOn(kept, asked)
      } catch (error) {
        if (!(error instanceof StreamGone)) throw error
        // It had died since the last message: once more on a fresh one. All bulk requests may be repeated.
      }
    }
    return await this.#askOn(await open(signal), asked)
  }

  async #askOn(wire: WireStream, asked: Ask): Promise<Uint8Array> {
    const answer = await ask(wire, asked)
    this.#keep(wire)
    return answer
  }

  /** An idle stream, no longer kept, or undefined. */
  #take(): WireStream | undefined {
    for (const [wire, cancel] of this.#idle) {
      cancel()
      this.#idle.delete(wire)
      if (wire.reusable) return wire
      wire.abort(new StreamGone('no longer of use'))
    }
    return undefined
  }

  /** Keep a stream whose answer has been read to its end. */
  #keep(wire: WireStream): void {
    if (!wire.reusable) {
      wire.abort(new StreamGone('of no further use'))
      return
    }
    const cancel = this.#init.clock.setTimer(IDLE_MS, () => {
      this.#idle.delete(wire)
      wire.abort(new StreamGone('idle for long'))
    })
    const forget = wire.onClose(() => {
      cancel()
      this.#idle.delete(wire)
    })
    this.#idle.set(wire, () => {
      cancel()
      forget()
    })
  }
}
