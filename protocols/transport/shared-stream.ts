import { abortReason } from '../../base/clock.ts'
import { asError } from '../../base/errors.ts'
import { invalid } from '../../codec/codec.ts'
import { checkSize } from '../message-size.ts'
import { decodeFailure, MAX_FAILURE_BYTES, STATUS_OK } from '../status.ts'
import { ASK, frame, readHeader, WITHDRAW } from './shared-frame.ts'
import { StreamGone, type WireStream } from './wire-stream.ts'

interface Pending {
  readonly resolve: (answer: Uint8Array) => void
  readonly reject: (error: Error) => void
}

/** The asking end of a long-lived stream: many small requests of one protocol to one peer, told apart by their ids. */
export class SharedStream {
  readonly #wire: WireStream
  readonly #maxAnswerBytes: number
  readonly #stallMs: number
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  #unanswered = 0 // asked, whether it is still awaited or not: a peer answers each once

  constructor(wire: WireStream, { maxAnswerBytes, stallMs }: { maxAnswerBytes: number; stallMs: number }) {
    this.#wire = wire
    this.#maxAnswerBytes = maxAnswerBytes
    this.#stallMs = stallMs
    void this.#receive()
  }

  /** Whether it can take no more requests. */
  get dead(): boolean {
    return this.#wire.dead
  }

  /**
   * Ask and wait. When the signal fires the request is withdrawn, and the stream given up if the peer said nothing at all since.
   * @throws NetError what the peer answered, or the signal's reason
   * @throws StreamGone when the stream died; the request may be asked again on another
   */
  async ask(request: readonly Uint8Array[], signal: AbortSignal): Promise<Uint8Array> {
    if (signal.aborted) throw abortReason(signal)
    this.#lastId = (this.#lastId + 1) >>> 0
    const id = this.#lastId
    const heard = this.#wire.received
    const answer = Promise.withResolvers<Uint8Array>()
    this.#pending.set(id, answer)
    this.#unanswered++
    const onAbort = (): void => {
      answer.reject(abortReason(signal))
      if (this.#wire.received === heard) this.#wire.abort(new StreamGone('the peer said nothing'))
      else this.#wire.write(frame(id, WITHDRAW), this.#stallMs).catch(() => {}) // the answer is no longer awaited
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      this.#wire.write(frame(id, ASK, request), this.#stallMs).catch(error => answer.reject(asError(error)))
      return await answer.promise
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#pending.delete(id)
    }
  }

  /** Give the stream up; what was asked rejects with StreamGone. */
  abort(): void {
    this.#wire.abort(new StreamGone('the network stopped'))
  }

  #maxBytes(status: number): number {
    return status === STATUS_OK ? this.#maxAnswerBytes : MAX_FAILURE_BYTES
  }

  async #receive(): Promise<void> {
    let tooLong: number | undefined
    try {
      for (;;) {
        const { id, kind, length } = await readHeader(this.#wire, this.#stallMs)
        if (length > this.#maxBytes(kind)) tooLong = id
        checkSize(length, this.#maxBytes(kind))
        if (this.#unanswered-- === 0) throw invalid('an answer that nobody asked for')
        const body = await this.#wire.read(length, { stallMs: this.#stallMs })
        const pending = this.#pending.get(id) // an answer to a withdrawn request has nobody waiting
        if (kind === STATUS_OK) pending?.resolve(body)
        else pending?.reject(decodeFailure(kind, body))
      }
    } catch (error) {
      const fault = asError(error)
      this.#wire.abort(fault)
      const rest = tooLong === undefined ? fault : new StreamGone('another answer broke the stream')
      for (const [id, { reject }] of this.#pending) reject(id === tooLong ? fault : rest)
    }
  }
}
