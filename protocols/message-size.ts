import { NetError } from '../base/errors.ts'

/** How many bytes these parts are together. */
export function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

/** Refuse a message for its size, before it is sent or by its header, unread. @throws NetError `MESSAGE_TOO_LARGE` */
export function checkSize(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return
  const message = `a message of ${bytes} bytes, where ${maxBytes} are allowed`
  throw new NetError('MESSAGE_TOO_LARGE', message, { detail: { bytes, maxBytes } })
}
