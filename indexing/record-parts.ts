import { MAX_METADATA_BYTES } from '../base/limits.ts'
import { invalid, type Shape } from '../codec/codec.ts'
import { items } from '../codec/fields.ts'
import { bytes, checked, digest, text, whole } from '../codec/shapes.ts'
import type { CodeSpace } from '../hashing/hash-code.ts'
import type { ImageClaim, Placement } from './image-record.ts'

/** A shadow number is one byte and 0 is none. */
export const MAX_HOLDERS = 255

const MAX_SEALED_THRESHOLD_BYTES = 256 // a sealed pair of small numbers; an AEAD adds some 40 bytes

/** An AEAD over r and s. */
export const sealedThreshold: Shape<Uint8Array> = bytes(1, MAX_SEALED_THRESHOLD_BYTES)

/** What an owner sealed. */
export const metadata: Shape<Uint8Array> = bytes(0, MAX_METADATA_BYTES)

const bits = checked(whole(8, 256), value => {
  if (value % 8 !== 0) throw invalid('not a multiple of 8 bits')
  return value
})

/** A code space. */
export const space: Shape<CodeSpace> = items([], { model: digest, view: digest, bits })

/** The name of a shadow scheme. */
export const scheme: Shape<string> = checked(text(1, 32), value => {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(value)) throw invalid('not lower-case letters, digits and hyphens')
  return value
})

/** A claim whose code is as long as its space says. @throws NetError `MESSAGE_INVALID` */
export function coded<T extends Pick<ImageClaim, 'code' | 'space'>>(claim: T): T {
  if (claim.code.length * 8 !== claim.space.bits) throw invalid('a code that has not its length')
  return claim
}

/** Check that the holders are different slaves with different shadows of the total. @throws NetError `MESSAGE_INVALID` */
export function checkHolders({ holders, total }: Pick<Placement, 'holders' | 'total'>): void {
  if (holders.some(holder => holder.number > total)) throw invalid('a shadow number above the total')
  if (new Set(holders.map(holder => holder.slave)).size !== holders.length) throw invalid('a slave twice')
  if (new Set(holders.map(holder => holder.number)).size !== holders.length) throw invalid('a shadow number twice')
}
