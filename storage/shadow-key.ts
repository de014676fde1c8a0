import { NetError } from '../base/errors.ts'
import type { ShadowKey } from '../base/ids.ts'
import type { RecordMark, RecordPut, ShadowEntry, ShadowOrigin } from './shadow-store.ts'

/** Whether `key` comes after `other` in the order of a listing: image, sharing, number. */
export function afterKey(key: ShadowKey, other: ShadowKey): boolean {
  if (key.image !== other.image) return key.image > other.image
  if (key.sharing !== other.sharing) return key.sharing > other.sharing
  return key.number > other.number
}

/** Whether two say the same of who put a shadow, and for which try. */
function sameOrigin(
  a: Pick<ShadowOrigin, 'asked' | 'counter' | 'master'>,
  b: Pick<ShadowOrigin, 'asked' | 'counter' | 'master'>
): boolean {
  return a.asked === b.asked && a.counter === b.counter && a.master === b.master
}

/**
 * Whether `put` is what is held, number, bytes and origin. Another master's word on the same bytes is no repetition: who
 * put a shadow may take it back, so that must never become somebody else.
 * @throws NetError `SHADOW_CONFLICT` when it is not
 */
export function checkSame(held: ShadowEntry, put: ShadowEntry): void {
  if (held.number !== put.number || held.digest !== put.digest || !sameOrigin(held, put)) throw conflict(held, put)
}

/**
 * The entry of what is held with a record beside it. Who put the shadow may put another record in the place of one; any other
 * master only where there is none, else one that lies could spoil what all the others left behind.
 * @throws NetError `SHADOW_MISSING`, `SHADOW_CONFLICT` as `putRecord` of a store
 */
export function withRecord(held: ShadowEntry | undefined, record: RecordMark, put: RecordPut): ShadowEntry {
  if (held === undefined) throw missing()
  if (put.master === undefined || !sameOrigin(held, put)) {
    throw new NetError('SHADOW_CONFLICT', 'the record is of another origin than the shadow')
  }
  const isOther = held.record !== undefined && held.record.digest !== record.digest
  if (isOther && put.by !== held.master) {
    throw new NetError('SHADOW_CONFLICT', 'another record is kept, by the master that put the shadow')
  }
  return { ...held, record }
}

/** A put was refused because of what is held, or in the trash. */
export function conflict(held: ShadowKey, put: ShadowKey): NetError {
  const message =
    held.number === put.number
      ? 'other bytes, or those of another store, are held under this key'
      : 'another shadow of this sharing is held'
  return new NetError('SHADOW_CONFLICT', message, { detail: { held: held.number, put: put.number } })
}

/** There is no such shadow. */
export function missing(): NetError {
  return new NetError('SHADOW_MISSING', 'no such shadow is held')
}

/** A shadow's bytes have changed. */
export function corrupt(cause?: unknown): NetError {
  return new NetError('SHADOW_CORRUPT', 'the shadow no longer has its digest', { cause })
}

/** A put was refused because it does not fit. */
export function storeFull(bytes: number, freeBytes: number, cause?: unknown): NetError {
  return new NetError('STORE_FULL', `${bytes} bytes do not fit into ${freeBytes} free bytes`, {
    detail: { bytes, freeBytes },
    cause
  })
}

/** The store was used before `start` or after `stop`. */
export function notStarted(): NetError {
  return new NetError('NOT_STARTED', 'the shadow store is not started')
}
