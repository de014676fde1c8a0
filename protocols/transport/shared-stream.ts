import { concat } from 'uint8arrays/concat'
import { abortReason } from '../../base/clock.ts'
import { asError, NetError } from '../../base/errors.ts'
import type { Member } from '../../base/roles.ts'
import { busy } from '../admission.ts'
import { lengthOf, type Served, tooLarge } from '../respond.ts'
import { decodeFailure, encodeFailure, MAX_FAILURE_BYTES, STATUS_OK } from '../status.ts'
import { CHUNK_BYTES, StreamGone, type WireStream } from './wire-stream.ts'

// A frame is length (u32), id (u32), kind (u8), then that many bytes. To the answering end kind says what is wanted,
// to the asking end it is the status of the answer.
const HEADER_BYTES = 9
const ASK = 0
const WITHDRAW = 1

/** Most requests one shared stream carries at a time; the asking end keeps itself to half of it. */
export const MAX_IN_HAND = 64

interface Frame {
  readonly id: number
  readonly kind: number
  readonly body: Uint8Array
}

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
    try {
      for (;;) {
        const { id, kind, body } = await readFrame(this.#wire, kind => this.#maxBytes(kind), this.#stallMs)
        const pending = this.#pending.get(id) // an answer to a withdrawn request has nobody waiting
        if (kind === STATUS_OK) pending?.resolve(body)
        else pending?.reject(decodeFailure(kind, body))
      }
    } catch (error) {
      const fault = error instanceof FrameFault ? error.fault : asError(error)
      const rest = error instanceof FrameFault ? new StreamGone('another answer broke the stream') : fault
      this.#wire.abort(fault)
      for (const [id, { reject }] of this.#pending)
        reject(error instanceof FrameFault && error.id === id ? fault : rest)
    }
  }
}

/** What {@link answerMany} needs to know of its place. */
export interface AnswerMany {
  readonly served: Served
  readonly stallMs: number
  /** Who asks, checked and counted anew at every request. @throws NetError `NOT_PERMITTED`, `RATE_LIMITED` */
  readonly admit: () => Member
}

/** Answer requests from a shared stream until it ends. Never throws: failures are told to the peer. */
export async function answerMany(wire: WireStream, { served, stallMs, admit }: AnswerMany): Promise<void> {
  const inHand = new Map<number, AbortController>()
  const answer = async (id: number, request: Uint8Array, controller: AbortController): Promise<void> => {
    try {
      if (inHand.size > MAX_IN_HAND) throw busy(MAX_IN_HAND)
      const parts = await served.respond(request, admit(), controller.signal)
      await wire.write(frame(id, STATUS_OK, parts), stallMs)
    } catch (error) {
      const { status, body } = encodeFailure(error)
      await wire.write(frame(id, status, [body]), stallMs)
    } finally {
      inHand.delete(id)
    }
  }
  try {
    for (;;) {
      const { id, kind, body } = await readFrame(wire, () => served.protocol.maxRequestBytes, stallMs)
      if (kind === WITHDRAW) inHand.get(id)?.abort(new NetError('REQUEST_ABORTED', 'the caller withdrew the request'))
      else if (kind !== ASK || inHand.has(id)) throw new NetError('MESSAGE_INVALID', 'a frame out of order')
      else {
        const controller = new AbortController()
        inHand.set(id, controller)
        answer(id, body, controller).catch(error => wire.abort(asError(error)))
        // A caller that asks and never reads is read no further: requests in hand include answers not yet taken.
        if (inHand.size > 2 * MAX_IN_HAND) throw busy(MAX_IN_HAND)
      }
    }
  } catch (error) {
    await tellFrameFault(wire, error, stallMs)
  }
  for (const controller of inHand.values()) {
    controller.abort(new NetError('REQUEST_ABORTED', 'the caller is gone'))
  }
}

/** A fault of the frame itself is told under the id of that frame; then the stream cannot be read on. */
async function tellFrameFault(wire: WireStream, error: unknown, stallMs: number): Promise<void> {
  if (error instanceof FrameFault) {
    const { status, body } = encodeFailure(error.fault)
    wire.drop()
    try {
      await wire.write(frame(error.id, status, [body]), stallMs)
      await wire.close(stallMs)
      await wire.closedWithin(stallMs)
    } catch {
      // the caller is gone: there is nobody to tell
    }
  }
  wire.abort(asError(error))
}

class FrameFault extends Error {
  readonly id: number
  readonly fault: NetError

  constructor(id: number, fault: NetError) {
    super(fault.message)
    this.id = id
    this.fault = fault
  }
}

async function readFrame(wire: WireStream, maxBytes: (kind: number) => number, stallMs: number): Promise<Frame> {
  const first = await wire.read(1) // between frames a stream may be silent for days
  const header = Buffer.concat([first, await wire.read(HEADER_BYTES - 1, { stallMs })])
  const length = header.readUInt32BE(0)
  const id = header.readUInt32BE(4)
  const kind = header[8]
  if (length > maxBytes(kind)) throw new FrameFault(id, tooLarge(length, maxBytes(kind)))
  return { id, kind, body: await wire.read(length, { stallMs }) }
}

// A frame in parts, small ones in one: each part is a message of its own to the encryption below.
function frame(id: number, kind: number, body: readonly Uint8Array[] = []): Uint8Array[] {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(lengthOf(body), 0)
  header.writeUInt32BE(id, 4)
  header[8] = kind
  return lengthOf(body) < CHUNK_BYTES ? [concat([header, ...body])] : [header, ...body]
}
