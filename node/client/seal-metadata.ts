import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { isNetError, NetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import { MAX_METADATA_BYTES } from '../../base/limits.ts'
import type { Random } from '../../base/random.ts'
import { codec, invalid } from '../../codec/codec.ts'
import { fields, optional } from '../../codec/fields.ts'
import { bytes, checked, digest, instant, listOf, text } from '../../codec/shapes.ts'
import { deriveKey } from '../../crypto/derive.ts'
import type { Descriptor } from '../../hashing/descriptor.ts'
import { openSealed, SEAL_OVERHEAD_BYTES, sealBytes } from '../../crypto/seal.ts'

// Version 2:  "SMD2" | key check (8) | nonce (24) | XChaCha20-Poly1305 of the map, bound to the head and the image id
// Version 1:                           nonce (24) | XChaCha20-Poly1305 of {name, labels}, bound to the image id
// The key check is made of K_QIE alone: without opening anything it tells a reader whether its keys are the owner's, and
// a master no more than which images were sealed under the same key.
const MAGIC = fromString('SMD2')
const CHECK_BYTES = 8
const HEAD_BYTES = MAGIC.length + CHECK_BYTES
const MAX_PLAIN_BYTES = MAX_METADATA_BYTES - HEAD_BYTES - SEAL_OVERHEAD_BYTES

/** What an owner says of an image to those who hold K_QIE. */
export interface Metadata {
  readonly name: string
  readonly labels: readonly string[]
  /** When the owner stored it, ms since 1970 by the owner's clock; undefined in version 1. */
  readonly time?: number
  /** Keyed digest of the plain bytes, hex: tells the owner's group that two images are the same. Undefined in version 1. */
  readonly digest?: string
  /** Tells the image from others of its class; undefined where the owner's model gives none. */
  readonly descriptor?: Descriptor
}

const NAMED = { name: text(0, 1024), labels: listOf(text(0, 256), 64) }
const version1 = codec(fields(NAMED))
const values = checked(bytes(8, 1024), given => {
  if (given.includes(0x80)) throw invalid('a descriptor has values from -127')
  return given
})
const described = fields({ model: digest, values })
const version2 = codec(
  fields({ ...NAMED, time: optional(instant), digest: optional(digest), descriptor: optional(described) })
)

/** What metadata is bound to: its image, and K_QIE, 32 bytes. */
export interface MetadataSeal {
  readonly image: ImageId
  readonly imageKey: Uint8Array
}

/**
 * Seal an image's metadata under a key of its own, derived from K_QIE and the image id: masters keep it, none can read it
 * or give it to another image.
 * @throws NetError `MESSAGE_INVALID` when a name is longer than 1024 characters, there are more than 64 labels, or one is
 *   longer than 256, RangeError when they are longer than 4 KiB together
 */
export function sealMetadata(
  { labels, descriptor, ...rest }: Metadata,
  { image, imageKey, random }: MetadataSeal & { readonly random: Random }
): Uint8Array {
  const plain = version2.encode({ ...rest, labels: [...labels], descriptor: descriptor && packed(descriptor) })
  if (plain.length > MAX_PLAIN_BYTES) throw new RangeError(`metadata must be at most ${MAX_PLAIN_BYTES} bytes`)
  const id = fromString(image, 'hex')
  const head = headOf(imageKey)
  return concat([head, sealBytes(keyOf(id, imageKey, 2), plain, { associated: concat([head, id]), random })])
}

/**
 * The metadata inside {@link sealMetadata}'s output, of this version or the one before.
 * @throws NetError `KEY_WRONG` when it was sealed under other keys, `MESSAGE_INVALID` when it was altered, is of another
 *   image or is not what an owner seals; of version 1, which has no key check, altered is `KEY_WRONG` too
 */
export function openMetadata(sealed: Uint8Array, { image, imageKey }: MetadataSeal): Metadata {
  const id = fromString(image, 'hex')
  const head = headOf(imageKey)
  if (sealed.length < SEAL_OVERHEAD_BYTES) throw new NetError('MESSAGE_INVALID', 'metadata shorter than any seal')
  if (!equals(sealed.subarray(0, HEAD_BYTES), head)) return openVersion1(sealed, id, imageKey)
  const plain = openVersion2(sealed.subarray(HEAD_BYTES), concat([head, id]), keyOf(id, imageKey, 2))
  const { descriptor, ...rest } = version2.decode(plain)
  return descriptor === undefined ? rest : { ...rest, descriptor: unpacked(descriptor) }
}

function packed({ model, values: { buffer, byteOffset, byteLength } }: Descriptor) {
  return { model, values: new Uint8Array(buffer, byteOffset, byteLength) }
}

function unpacked({ model, values: { buffer, byteOffset, byteLength } }: ReturnType<typeof packed>): Descriptor {
  return { model, values: new Int8Array(buffer, byteOffset, byteLength) }
}

// Also what starts like version 2 under another key: one nonce in 2^32 looks so, and under wrong keys nothing opens.
function openVersion1(sealed: Uint8Array, id: Uint8Array, imageKey: Uint8Array): Metadata {
  return version1.decode(openSealed(keyOf(id, imageKey, 1), sealed, { associated: id }))
}

function openVersion2(sealed: Uint8Array, associated: Uint8Array, key: Uint8Array): Uint8Array {
  try {
    return openSealed(key, sealed, { associated })
  } catch (error) {
    if (!isNetError(error, 'KEY_WRONG')) throw error
    throw new NetError('MESSAGE_INVALID', 'the metadata was altered or is of another image', { cause: error })
  }
}

function headOf(imageKey: Uint8Array): Uint8Array {
  return concat([MAGIC, deriveKey(imageKey, { info: 'sfmedir/key-check/1', length: CHECK_BYTES })])
}

function keyOf(id: Uint8Array, imageKey: Uint8Array, version: 1 | 2): Uint8Array {
  return deriveKey(imageKey, { salt: id, info: `sfmedir/metadata/${version}` })
}
