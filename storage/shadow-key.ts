import { NetError } from '../base/errors.ts'
import type { ShadowKey } from '../base/ids.ts'
import type { ShadowEntry, ShadowOrigin } from './shadow-store.ts'

/** Whether `key` comes after `other` in the order of a listing: image, sharing, number. */
export function afterKey(key: ShadowKey, other: ShadowKey): boolean {
  if (key.image !== other.image) return key.image > other.image
  if (key.sharing !== other.sharing) return key.sharing > other.sharing
  return key.number > other.number
}

/** Whether two say the same of who put a shadow, and for which try. */
function sameOrigin(a: ShadowOrigin, b: ShadowOrigin): boolean {
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
