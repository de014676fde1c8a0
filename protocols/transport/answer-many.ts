import { asError, NetError } from '../../base/errors.ts'
import { busy } from '../../base/semaphore.ts'
import { invalid } from '../../codec/codec.ts'
import type { Answered, Arrived } from '../answerer.ts'
import { encodeFailure, STATUS_OK } from '../status.ts'
import type { AnswerInit } from './request-response.ts'
import { ASK, frame, MAX_IN_HAND, readHeader, WITHDRAW } from './shared-frame.ts'
import type { WireStream } from './wire-stream.ts'

/** Answer requests from a shared stream until it ends. Never throws: failures are told to the peer. */
export async function answerMany(wire: WireStream, init: AnswerInit): Promise<void> {
  const answers = new SharedAnswers(wire, init)
  try {
    while (await answers.takeFrame());
    wire.abort(new Error('a frame was too long to be read'))
  } catch (error) {
    wire.abort(asError(error))
  }
  answers.abort()
}

type Request = Pick<Arrived, 'bytes' | 'read'>

class SharedAnswers {
  readonly #wire: WireStream
  readonly #init: AnswerInit
  readonly #inHand = new Map<number, AbortController>() // until the answer has left
  #withdrawable = 0 // a caller withdraws no more than it asked

  constructor(wire: WireStream, init: AnswerInit) {
    this.#wire = wire
    this.#init = init
  }

  /** Take one frame; false when the stream cannot be read on after it. @throws NetError for a frame that may not come */
  async takeFrame(): Promise<boolean> {
    const { id, kind, length } = await readHeader(this.#wire, this.#init.stallMs)
    if (kind === WITHDRAW && length === 0 && this.#withdrawable-- > 0) {
      this.#inHand.get(id)?.abort(new NetError('REQUEST_ABORTED', 'the caller withdrew the request'))
      return true
    }
    if (kind !== ASK || this.#inHand.has(id)) throw invalid('a frame out of order')
    if (length > this.#init.maxRequestBytes) {
      await this.#refuse(id, length)
      return false
    }
    this.#withdrawable++
    const body = this.#wire.read(length, { stallMs: this.#init.stallMs })
    void this.#answer(id, length, body)
    await body // it is read even where nobody wants it any more
    // A caller that asks and never reads is read no further: requests in hand include answers not yet taken.
    if (this.#inHand.size > 2 * MAX_IN_HAND) throw busy(MAX_IN_HAND)
    return true
  }

  /** Abort what is in hand: the caller is gone. */
  abort(): void {
    for (const controller of this.#inHand.values()) {
      controller.abort(new NetError('REQUEST_ABORTED', 'the caller is gone'))
    }
  }

  async #answer(id: number, bytes: number, body: Promise<Uint8Array>): Promise<void> {
    const read: Arrived['read'] = reserve => {
      if (this.#inHand.size > MAX_IN_HAND) throw busy(MAX_IN_HAND)
      reserve(bytes)
      return body
    }
    try {
      await this.#tell(id, { bytes, read })
    } catch (error) {
      this.#wire.abort(asError(error))
    } finally {
      this.#inHand.delete(id)
    }
  }

  // A frame that is not read cannot be skipped: its refusal is the last that this stream says.
  async #refuse(id: number, bytes: number): Promise<void> {
    const read: Arrived['read'] = () => Promise.reject(new Error('a frame beyond the limit is let in'))
    const { parts } = await this.#answered(id, { bytes, read })
    await this.#wire.leave(parts, this.#init.stallMs)
  }

  /** Answer, and write the answer. */
  async #tell(id: number, request: Request): Promise<void> {
    const { parts, giveBack } = await this.#answered(id, request)
    try {
      await this.#wire.write(parts, this.#init.stallMs, this.#init.limitMs)
    } finally {
      giveBack()
    }
  }

  /** The frame that is told to the caller. */
  async #answered(id: number, request: Request): Promise<Answered> {
    const controller = new AbortController()
    this.#inHand.set(id, controller)
    try {
      const { parts, giveBack } = await this.#init.answer(request, { signal: controller.signal })
      return { parts: frame(id, STATUS_OK, parts), giveBack }
    } catch (error) {
      const { status, body } = encodeFailure(error)
      return { parts: frame(id, status, [body]), giveBack: () => {} }
    }
  }
}
