import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { concat } from 'uint8arrays/concat'
import { equalSecrets } from '../../base/bytes.ts'
import { asError, NetError } from '../../base/errors.ts'
import type { Member } from '../../base/roles.ts'
import type { Budget } from '../admission.ts'
import { invalid } from '../../codec/codec.ts'
import { lengthOf, type Served, tooLarge } from '../respond.ts'
import { decodeFailure, encodeFailure, MAX_FAILURE_BYTES, STATUS_OK } from '../status.ts'
import { StreamGone, type WireStream } from './wire-stream.ts'

const LENGTH_BYTES = 4
const HEAD_BYTES = LENGTH_BYTES + 32
const HASH_BYTES = 8 * 1024 * 1024

/** A request on a stream of its own: bytes to bytes. */
export interface Ask {
  /** The request, headed by {@link headed}. */
  readonly request: readonly Uint8Array[]
  readonly maxAnswerBytes: number
  /** Longest silence within a message, in ms. */
  readonly stallMs: number
  /** Ends it all; the stream is then aborted, which the peer's handler learns. */
  readonly signal: AbortSignal
}

/**
 * Send one request and read its answer; the stream may then carry another. The request goes out while the answer is
 * awaited, so that a refusal arrives before the last of 256 MiB has been sent.
 * @throws NetError what the peer answered, `MESSAGE_TOO_LARGE`, `MESSAGE_INVALID`, `REQUEST_TIMEOUT`; the stream is aborted
 * @throws StreamGone
 */
export async function ask(wire: WireStream, { request, maxAnswerBytes, stallMs, signal }: Ask): Promise<Uint8Array> {
  const onAbort = (): void => wire.abort(new Error('the request was given up'))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal.aborted) onAbort()
    const sent = wire.write(request, stallMs)
    sent.catch(() => {}) // what failed shows in the answer that then does not come
    const [status] = await wire.read(1)
    if (status !== STATUS_OK) throw decodeFailure(status, await receiveFailure(wire, stallMs))
    return await receiveChecked(wire, {
      start: await wire.read(HEAD_BYTES, { stallMs }),
      maxBytes: maxAnswerBytes,
      stallMs
    })
  } catch (error) {
    wire.abort(asError(error))
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** What {@link answerInTurn} needs to know of its place. */
export interface AnswerInTurn {
  readonly served: Served
  readonly stallMs: number
  /** A stream that asks nothing for so long is closed, in ms. */
  readonly idleMs: number
  /** Bytes of messages under way at this peer. */
  readonly budget: Budget
  /** Who asks, checked and counted at every request. @throws NetError `NOT_PERMITTED`, `RATE_LIMITED` */
  readonly admit: () => Member
}

/** Answer requests from a stream one after the other until it ends. Never throws: a failure is told to the peer. */
export async function answerInTurn(wire: WireStream, init: AnswerInTurn): Promise<void> {
  const { stallMs, idleMs } = init
  try {
    for (let waitMs = stallMs; ; waitMs = idleMs) {
      const first = await wire.read(1, { stallMs: waitMs })
      await answerOne(wire, first, init)
    }
  } catch (error) {
    await refuse(wire, error, stallMs)
  }
}

async function answerOne(wire: WireStream, first: Uint8Array, init: AnswerInTurn): Promise<void> {
  const { served, stallMs, budget, admit } = init
  const gone = new AbortController()
  const forget = wire.onClose(() => gone.abort(new NetError('REQUEST_ABORTED', 'the caller gave the request up')))
  let giveBack = (): void => {}
  try {
    const caller = admit()
    const { maxRequestBytes } = served.protocol
    const reserve = (bytes: number): void => {
      giveBack = budget.take(bytes)
    }
    const start = concat([first, await wire.read(HEAD_BYTES - 1, { stallMs })])
    const request = await receiveChecked(wire, { start, maxBytes: maxRequestBytes, stallMs, reserve })
    const answer = await served.respond(request, caller, gone.signal)
    await wire.write([Uint8Array.of(STATUS_OK), ...(await headed(answer))], stallMs)
  } finally {
    giveBack()
    forget()
  }
}

// The caller may still be sending: what it sends is read and dropped until it has seen the refusal and gone, since a
// reset would throw the refusal away with it.
async function refuse(wire: WireStream, error: unknown, stallMs: number): Promise<void> {
  if (!(error instanceof StreamGone)) {
    const { status, body } = encodeFailure(error)
    wire.drop()
    try {
      await wire.write([Uint8Array.of(status), lengthField(body.length), body], stallMs)
      await wire.close(stallMs)
      await wire.closedWithin(stallMs)
    } catch {
      // the caller is gone: there is nobody to tell
    }
  }
  wire.abort(asError(error))
}

async function receiveChecked(
  wire: WireStream,
  init: { start: Uint8Array; maxBytes: number; stallMs: number; reserve?: (bytes: number) => void }
): Promise<Uint8Array> {
  const { start, maxBytes, stallMs, reserve } = init
  const length = readLength(start)
  if (length > maxBytes) throw tooLarge(length, maxBytes)
  reserve?.(length)
  const hash = createHash('sha256')
  const bytes = await wire.read(length, { stallMs, onPart: part => hash.update(part) })
  if (!equalSecrets(hash.digest(), start.subarray(LENGTH_BYTES))) throw invalid('its bytes have not its digest')
  return bytes
}

async function receiveFailure(wire: WireStream, stallMs: number): Promise<Uint8Array> {
  const length = readLength(await wire.read(LENGTH_BYTES, { stallMs }))
  if (length > MAX_FAILURE_BYTES) throw tooLarge(length, MAX_FAILURE_BYTES)
  return await wire.read(length, { stallMs })
}

/** A message with its length and digest before it. To be made before the stream is opened: the peer waits for the first byte. */
export async function headed(parts: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const hash = createHash('sha256')
  for (const part of parts) {
    for (let at = 0; at < part.length; at += HASH_BYTES) {
      if (at > 0) await setImmediate() // others have their turn: 256 MiB take a quarter of a second and more
      hash.update(part.subarray(at, at + HASH_BYTES))
    }
  }
  return [concat([lengthField(lengthOf(parts)), hash.digest()]), ...parts]
}

function lengthField(bytes: number): Uint8Array {
  const field = new Uint8Array(LENGTH_BYTES)
  new DataView(field.buffer).setUint32(0, bytes)
  return field
}

function readLength(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
