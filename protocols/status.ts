import { type ErrorCode, type ErrorDetail, NetError } from '../base/errors.ts'
import { codec } from '../codec/codec.ts'
import { fields, optional } from '../codec/fields.ts'
import { listOf, text, whole } from '../codec/shapes.ts'

/** The status byte of an answer that is one. */
export const STATUS_OK = 0

/** The status byte of each code that travels. A number is never used for another code; unlisted codes travel as `INTERNAL`. */
export const STATUS_NUMBERS: Readonly<Partial<Record<ErrorCode, number>>> = Object.freeze({
  INTERNAL: 1,
  NOT_PERMITTED: 2,
  MESSAGE_INVALID: 3,
  MESSAGE_TOO_LARGE: 4,
  RATE_LIMITED: 5,
  BUSY: 6,
  REQUEST_TIMEOUT: 7,
  REQUEST_ABORTED: 8,
  PROTOCOL_UNSUPPORTED: 9,
  PEER_UNREACHABLE: 10,
  NOT_STARTED: 11,
  NOT_ENOUGH_SLAVES: 20,
  NOT_ENOUGH_MASTERS: 21,
  NOT_ENOUGH_SHADOWS: 22,
  NO_MASTERS: 23,
  SHADOW_CORRUPT: 24,
  SHADOW_MISSING: 25,
  SHADOW_CONFLICT: 26,
  IMAGE_NOT_FOUND: 27,
  IMAGE_INVALID: 28,
  IMAGE_CORRUPT: 29,
  IMAGE_TOO_LARGE: 30,
  QUOTA_EXCEEDED: 31,
  CODE_LENGTH_MISMATCH: 40,
  MODEL_MISMATCH: 41,
  SIGNATURE_INVALID: 42,
  PROOF_INVALID: 43,
  STORE_FULL: 50,
  STORE_READ_ONLY: 51,
  STORE_LOCKED: 52,
  STORE_CORRUPT: 53
} satisfies Partial<Record<ErrorCode, number>>)

/** Largest body of a failure, in bytes. */
export const MAX_FAILURE_BYTES = 4096

const CODES = new Map(Object.entries(STATUS_NUMBERS).map(([code, status]) => [status, code as ErrorCode])) // its keys are codes
const MAX_DETAILS = 8
const MAX_MESSAGE = 256
const MAX_WORD = 96
const fact = fields({ name: text(1, 32), number: optional(whole()), text: optional(text(0, MAX_WORD)) })
const failure = codec(fields({ message: text(0, MAX_MESSAGE), detail: listOf(fact, MAX_DETAILS) }))

/** How an error is told to the peer: only a NetError's own words travel; anything else is `INTERNAL` and says nothing. */
export function encodeFailure(error: unknown): { status: number; body: Uint8Array } {
  const told = error instanceof NetError && error.code in STATUS_NUMBERS ? error : internal()
  const detail = Object.entries(told.detail)
    .filter(([name]) => name.length > 0 && name.length <= 32)
    .slice(0, MAX_DETAILS)
    .map(([name, value]) =>
      typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
        ? { name, number: value }
        : { name, text: String(value).slice(0, MAX_WORD) }
    )
  const body = failure.encode({ message: told.message.slice(0, MAX_MESSAGE), detail })
  return { status: STATUS_NUMBERS[told.code] ?? 1, body }
}

/** The error that a peer told. An unknown status, from a newer peer, is `INTERNAL`. @throws NetError `MESSAGE_INVALID` */
export function decodeFailure(status: number, body: Uint8Array): NetError {
  const { message, detail } = failure.decode(body)
  const facts: ErrorDetail = Object.fromEntries(detail.map(fact => [fact.name, fact.number ?? fact.text ?? '']))
  return new NetError(CODES.get(status) ?? 'INTERNAL', message, { detail: facts })
}

function internal(): NetError {
  return new NetError('INTERNAL', 'the peer failed in a way it does not tell')
}
