import { NetError } from '../base/errors.ts'

/** A decoded item as an array, of `length` items when that is given. @throws NetError `MESSAGE_INVALID` */
export function itemsOf(item: unknown, what: string, length?: number): unknown[] {
  if (!Array.isArray(item) || (length !== undefined && item.length !== length)) {
    throw new NetError('MESSAGE_INVALID', `${what} is not an array of ${length ?? 'any'} items`)
  }
  return item
}

/** The byte string at an index, in memory of its own. @throws NetError `MESSAGE_INVALID` */
export function bytesAt(items: readonly unknown[], at: number): Uint8Array {
  const item = items[at]
  if (!(item instanceof Uint8Array)) throw new NetError('MESSAGE_INVALID', `item ${at} is not a byte string`)
  return item.slice()
}

/** The text at an index. @throws NetError `MESSAGE_INVALID` */
export function textAt(items: readonly unknown[], at: number): string {
  const item = items[at]
  if (typeof item !== 'string') throw new NetError('MESSAGE_INVALID', `item ${at} is not text`)
  return item
}

/** The number at an index. @throws NetError `MESSAGE_INVALID` */
export function numberAt(items: readonly unknown[], at: number): number {
  const item = items[at]
  if (typeof item !== 'number') throw new NetError('MESSAGE_INVALID', `item ${at} is not a number`)
  return item
}
