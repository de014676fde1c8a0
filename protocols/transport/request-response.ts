import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { pipe } from 'it-pipe'
import { concat } from 'uint8arrays/concat'
import { equalSecrets } from '../../base/bytes.ts'
import type { AbortOptions } from '../../base/clock.ts'
import { asError, NetError } from '../../base/errors.ts'
import { invalid } from '../../codec/codec.ts'
import type { Answered, Arrived } from '../answerer.ts'
import { checkSize, lengthOf } from '../message-size.ts'
import { decodeFailure, encodeFailure, MAX_FAILURE_BYTES, STATUS_OK } from '../status.ts'
import { chunksOf } from './chunks.ts'
import type { IncomingOptions } from './incoming.ts'
import type { Pace } from './pace.ts'
import { StreamGone, type WireStream } from './wire-stream.ts'

const LENGTH_BYTES = 4
const HEAD_BYTES = LENGTH_BYTES + 32
const HASH_BYTES = 8 * 1024 * 1024
const IDLE_MS = 90_000 // how long a stream may ask nothing

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
    const head = await wire.read(HEAD_BYTES, { stallMs })
    checkSize(readLength(head), maxAnswerBytes)
    return await receiveChecked(wire, head, { stallMs })
  } catch (error) {
    wire.abort(asError(error))
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Judges and answers one request whose header has come. @throws what is to be told to the caller */
export type Answer = (request: Pick<Arrived, 'bytes' | 'read'>, options: AbortOptions) => Promise<Answered>

/** What the answering end of a stream needs to know of its place. */
export interface AnswerInit {
  readonly answer: Answer
  readonly maxRequestBytes: number
  /** Longest silence within a message, in ms. */
  readonly stallMs: number
  /** Longest time that a message may take, either way, in ms. */
  readonly limitMs: number
}

/** Answer requests from a stream one after the other until it ends. Never throws: a failure is told to the peer. */
export async function answerInTurn(wire: WireStream, init: AnswerInit): Promise<void> {
  const { stallMs } = init
  try {
    for (let waitMs = stallMs; ; waitMs = IDLE_MS) {
      const first = await wire.read(1, { stallMs: waitMs })
      await answerOne(wire, first, init)
    }
  } catch (error) {
    if (!(error instanceof StreamGone)) {
      const { status, body } = encodeFailure(error)
      await wire.leave([Uint8Array.of(status), lengthField(body.length), body], stallMs)
    }
    wire.abort(asError(error))
  }
}

async function answerOne(wire: WireStream, first: Uint8Array, init: AnswerInit): Promise<void> {
  const { answer, stallMs, limitMs } = init
  const gone = new AbortController()
  const forget = wire.onClose(() => gone.abort(new NetError('REQUEST_ABORTED', 'the caller gave the request up')))
  try {
    const head = concat([first, await wire.read(HEAD_BYTES - 1, { stallMs })])
    const read: Arrived['read'] = reserve => receiveChecked(wire, head, { stallMs, limitMs, reserve })
    const { parts, giveBack } = await answer({ bytes: readLength(head), read }, { signal: gone.signal })
    try {
      await wire.write([Uint8Array.of(STATUS_OK), ...(await headed(parts))], stallMs, limitMs)
    } finally {
      giveBack()
    }
  } finally {
    forget()
  }
}

async function receiveChecked(
  wire: WireStream,
  head: Uint8Array,
  options: Pace & Pick<IncomingOptions, 'reserve'>
): Promise<Uint8Array> {
  const hash = createHash('sha256')
  const bytes = await wire.read(readLength(head), { ...options, onPart: part => hash.update(part) })
  if (!equalSecrets(hash.digest(), head.subarray(LENGTH_BYTES))) throw invalid('its bytes have not its digest')
  return bytes
}

async function receiveFailure(wire: WireStream, stallMs: number): Promise<Uint8Array> {
  const length = readLength(await wire.read(LENGTH_BYTES, { stallMs }))
  checkSize(length, MAX_FAILURE_BYTES)
  return await wire.read(length, { stallMs })
}

/** A message with its length and digest before it. To be made before the stream is opened: the peer waits for the first byte. */
export async function headed(parts: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const digest = await pipe(chunksOf(parts, HASH_BYTES), inTurns, digestOf)
  return [concat([lengthField(lengthOf(parts)), digest]), ...parts]
}

// Others have their turn between two chunks: 256 MiB take a quarter of a second and more.
async function* inTurns(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    yield chunk
    if (chunk.length === HASH_BYTES) await setImmediate()
  }
}

async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest()
}

function lengthField(bytes: number): Uint8Array {
  const field = new Uint8Array(LENGTH_BYTES)
  new DataView(field.buffer).setUint32(0, bytes)
  return field
}

function readLength(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
