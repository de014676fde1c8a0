import { createHmac } from 'node:crypto'
import { equalSecrets } from '../../base/bytes.ts'
import type { ShadowClaim } from '../shadow-scheme.ts'
import { corrupt, readShadow, type Shadow } from './shadow-format.ts'

/**
 * The MAC of a shadow's body: HMAC-SHA-256 under the masters' key. The paper checks the trace of P instead
 * (ImgReconstruct, step 4), which equals r for every set of vectors, tampered or not.
 */
export function macOf(body: Uint8Array, macKey: Uint8Array): Uint8Array {
  return createHmac('sha256', macKey).update(body).digest()
}

/** @throws RangeError unless a MAC key has 32 bytes */
export function checkMacKey(macKey: Uint8Array): void {
  if (macKey.length !== 32) throw new RangeError('macKey must have 32 bytes')
}

/**
 * A shadow's parts, once its form, its MAC and what it claims to be are right.
 * @throws NetError `SHADOW_CORRUPT`
 */
export function openShadow(bytes: Uint8Array, claim: ShadowClaim & { readonly scheme: number }): Shadow {
  checkMacKey(claim.macKey)
  const shadow = readShadow(bytes)
  if (shadow.scheme !== claim.scheme) throw corrupt('of another scheme')
  if (shadow.image !== claim.image) throw corrupt('of another image')
  if (shadow.sharing !== claim.sharing) throw corrupt('of another sharing')
  if (shadow.number !== claim.number) throw corrupt('of another number')
  if (!equalSecrets(macOf(shadow.body, claim.macKey), shadow.mac)) throw corrupt('wrong MAC')
  return shadow
}
