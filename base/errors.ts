/**
 * The closed list of error codes. A code's meaning never changes; the message beside it may.
 * A new code needs a caller that acts differently on it, and a test.
 */
export const ERROR_CODES = Object.freeze([
  // storing and reading images
  'NOT_ENOUGH_SLAVES',
  'NOT_ENOUGH_MASTERS',
  'NOT_ENOUGH_SHADOWS',
  'NO_MASTERS',
  'SHADOW_CORRUPT',
  'SHADOW_MISSING',
  'SHADOW_CONFLICT',
  'IMAGE_NOT_FOUND',
  'IMAGE_INVALID',
  'IMAGE_CORRUPT',
  'IMAGE_TOO_LARGE',
  'DICOM_INVALID',
  'QUOTA_EXCEEDED',
  // codes, models, keys
  'CODE_LENGTH_MISMATCH',
  'MODEL_MISMATCH',
  'MODEL_INVALID',
  'KEY_WRONG',
  'KEYS_INVALID',
  'SIGNATURE_INVALID',
  'PROOF_INVALID',
  // disks
  'STORE_FULL',
  'STORE_READ_ONLY',
  'STORE_LOCKED',
  'STORE_CORRUPT',
  // wire
  'NOT_PERMITTED',
  'MESSAGE_INVALID',
  'MESSAGE_TOO_LARGE',
  'RATE_LIMITED',
  'BUSY',
  'REQUEST_TIMEOUT',
  'REQUEST_ABORTED',
  'PEER_UNREACHABLE',
  'PROTOCOL_UNSUPPORTED',
  'PORT_IN_USE',
  'BOOTSTRAP_UNREACHABLE',
  // command line and configuration
  'CONFIG_INVALID',
  'FILE_UNREADABLE',
  'FILE_UNWRITABLE',
  'NOT_STARTED',
  // training and evaluation
  'DATASET_INVALID',
  'TRAINING_DIVERGED',
  'CHECKPOINT_INVALID',
  // simulator
  'SCENARIO_INVALID',
  'RESULT_INVALID',
  'INVARIANT_BROKEN',
  // anything a peer may not be told more about
  'INTERNAL'
] as const)

/** One of {@link ERROR_CODES}. */
export type ErrorCode = (typeof ERROR_CODES)[number]

/** The numbers and names of a failure, as fields: never a pixel, key, code or anything about a patient. */
export type ErrorDetail = Readonly<Record<string, string | number>>

/** Something in the world failed. `code` is stable; `message` is for people; `detail` holds the numbers. */
export class NetError extends Error {
  override readonly name = 'NetError'
  readonly code: ErrorCode
  readonly detail: ErrorDetail

  constructor(
    code: ErrorCode,
    message: string,
    { detail = {}, cause }: { detail?: ErrorDetail; cause?: unknown } = {}
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.detail = detail
  }
}

/** Whether `error` is a {@link NetError}, and, when codes are given, one of these codes. */
export function isNetError(error: unknown, ...codes: readonly ErrorCode[]): error is NetError {
  return error instanceof NetError && (codes.length === 0 || codes.includes(error.code))
}

/** `error` itself when it is an `Error`, else an `Error` around it (streams reject with bare events). */
export function asError(error: unknown): Error {
  if (error instanceof Error) return error
  const type = typeof error === 'object' && error !== null && 'type' in error ? String(error.type) : String(error)
  return new Error(`rejected with ${type}`, { cause: error })
}

/** The code that the system or Node gave an error (`ENOENT`); the error's message where it has none. */
export function systemCode(error: unknown): string {
  const { code, message }: { code?: unknown; message: string } = asError(error)
  return typeof code === 'string' ? code : message
}
