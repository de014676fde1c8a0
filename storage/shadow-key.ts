import { NetError } from '../base/errors.ts'
import type { ShadowKey } from '../base/ids.ts'

/** Whether `key` comes after `other` in the order of a listing: image, sharing, number. */
export function afterKey(key: ShadowKey, other: ShadowKey): boolean {
  if (key.image !== other.image) return key.image > other.image
  if (key.sharing !== other.sharing) return key.sharing > other.sharing
  return key.number > other.number
}

/** A put was refused because of what is held. */
export function conflict(held: ShadowKey, put: ShadowKey): NetError {
  const message =
    held.number === put.number ? 'other bytes are held under this key' : 'another shadow of this sharing is held'
  return new NetError('SHADOW_CONFLICT', message, { detail: { held: held.number, put: put.number } })
}

/** There is no such shadow. */
export function missing(): NetError {
  return new NetError('SHADOW_MISSING', 'no such shadow is held')
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
