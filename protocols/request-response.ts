import { createHash } from 'node:crypto'
import { equalSecrets, sha256 } from '../base/bytes.ts'
import { NetError } from '../base/errors.ts'
import type { Member } from '../base/roles.ts'
import type { Budget } from './admission.ts'
import { invalid } from './codec.ts'
import type { Served } from './respond.ts'
import { decodeFailure, encodeFailure, MAX_FAILURE_BYTES, STATUS_OK } from './status.ts'
import type { WireStream } from './wire-stream.ts'

const LENGTH_BYTES = 4
const HEAD_BYTES = LENGTH_BYTES + 32

/** Send one request on a stream of its own and read its answer: bytes to bytes. */
export interface Ask {
  readonly request: Uint8Array
  readonly maxAnswerBytes: number
  /** Longest silence within a message, in ms. */
  readonly stallMs: number
  /** Ends it all; the stream is then aborted, which the peer's handler learns. */
  readonly signal: AbortSignal
}

/**
 * The request goes out while the answer is awaited, so that a refusal arrives before the last of 256 MiB has been sent.
 * @throws NetError what the peer answered, `MESSAGE_TOO_LARGE`, `MESSAGE_INVALID`, `REQUEST_TIMEOUT`
 * @throws StreamGone
 */
export async function ask(wire: WireStream, { request, maxAnswerBytes, stallMs, signal }: Ask): Promise<Uint8Array> {
  const onAbort = (): void => wire.abort(new Error('the request was given up'))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal.aborted) onAbort()
    const sent = sendChecked(wire, request, stallMs)
    sent.catch(() => {}) // what failed shows in the answer that then does not come
    const [status] = await wire.read(1)
    if (status !== STATUS_OK) throw decodeFailure(status, await receiveFailure(wire, stallMs))
    const answer = await receiveChecked(wire, { maxBytes: maxAnswerBytes, stallMs })
    void wire.close(stallMs)
    return answer
  } catch (error) {
    wire.abort(error instanceof Error ? error : new Error('failed'))
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** What {@link answerOne} needs to know of its place. */
export interface AnswerOne {
  readonly served: Served
  readonly stallMs: number
  /** Bytes of messages under way at this peer. */
  readonly budget: Budget
  /** Who asks, checked and counted. @throws NetError `NOT_PERMITTED`, `RATE_LIMITED`, `BUSY` */
  readonly admit: () => Member
}

/** Read one request from its own stream, answer it, close. Never throws: a failure is told to the peer. */
export async function answerOne(wire: WireStream, { served, stallMs, budget, admit }: AnswerOne): Promise<void> {
  const gone = new AbortController()
  wire.onClose(() => gone.abort(new NetError('REQUEST_ABORTED', 'the caller gave the request up')))
  let giveBack = (): void => {}
  try {
    const caller = admit()
    const { maxRequestBytes } = served.protocol
    const reserve = (bytes: number): void => {
      giveBack = budget.take(bytes)
    }
    const request = await receiveChecked(wire, { maxBytes: maxRequestBytes, stallMs, reserve })
    const answer = await served.respond(request, caller, gone.signal)
    await wire.write([Uint8Array.of(STATUS_OK), head(answer), answer], stallMs)
    await wire.close(stallMs)
  } catch (error) {
    await refuse(wire, error, stallMs)
  } finally {
    giveBack()
  }
}

// The caller may still be sending: what it sends is read and dropped until it has seen the refusal and gone, since a
// reset would throw the refusal away with it.
async function refuse(wire: WireStream, error: unknown, stallMs: number): Promise<void> {
  const { status, body } = encodeFailure(error)
  wire.drop()
  try {
    await wire.write([Uint8Array.of(status), lengthOf(body), body], stallMs)
    await wire.close(stallMs)
    await wire.closedWithin(stallMs)
  } catch {
    // the caller is gone: there is nobody to tell
  }
  wire.abort(new Error('the request was refused'))
}

function sendChecked(wire: WireStream, bytes: Uint8Array, stallMs: number): Promise<void> {
  return wire.write([head(bytes), bytes], stallMs)
}

async function receiveChecked(
  wire: WireStream,
  { maxBytes, stallMs, reserve }: { maxBytes: number; stallMs: number; reserve?: (bytes: number) => void }
): Promise<Uint8Array> {
  const start = await wire.read(HEAD_BYTES, { stallMs })
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

/** A frame was refused by its header, unread. */
export function tooLarge(bytes: number, maxBytes: number): NetError {
  const message = `a message of ${bytes} bytes, where ${maxBytes} are allowed`
  return new NetError('MESSAGE_TOO_LARGE', message, { detail: { bytes, maxBytes } })
}

function head(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([lengthOf(bytes), sha256(bytes)])
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES)
  new DataView(length.buffer).setUint32(0, bytes.length)
  return length
}

function readLength(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
