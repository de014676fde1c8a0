import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { unzeroed } from '../../base/bytes.ts'
import { NetError } from '../../base/errors.ts'
import { type ImageId, imageId, type ShadowNumber, type SharingId, shadowNumber, sharingId } from '../../base/ids.ts'

/** What a shadow says about itself. Nothing in it depends on the threshold. */
export interface ShadowHead {
  /** Which scheme made it, see {@link SCHEME_IDS}. */
  readonly scheme: number
  /** m of the matrix projection, a multiple of 8 to 32; 0 when the shadow has no vectors. */
  readonly blockSide: number
  readonly number: ShadowNumber
  readonly image: ImageId
  readonly sharing: SharingId
  /** How many blocks were split, or how many bytes when there are no blocks: 0 to 2^32 - 1. */
  readonly extent: number
}

/** A shadow's parts, as views of its bytes. */
export interface Shadow extends ShadowHead {
  /** All of it. */
  readonly bytes: Uint8Array
  /** v of every block, m bytes each. */
  readonly vectors: Uint8Array
  /** The Reed-Solomon fragment of what is sealed. */
  readonly fragment: Uint8Array
  /** The Shamir share of the key under which it is sealed, 32 bytes. */
  readonly keyShare: Uint8Array
  /** Everything before the MAC. */
  readonly body: Uint8Array
  /** HMAC-SHA-256 of `body`, 32 bytes. */
  readonly mac: Uint8Array
}

/** The byte by which a shadow names its scheme. */
export const SCHEME_IDS = Object.freeze({ bai: 1, disperse: 2 })

/** Largest m: the kernel sums 32 products without reduction. */
export const MAX_BLOCK_SIDE = 32

const MAGIC = fromString('SFSH')
const VERSION = 1
const HEAD_BYTES = 52
const SECRET_BYTES = 32 // of the key share, and of the MAC

/** A new shadow with its head written and its other parts to be filled in; `fragmentBytes` is 1 or more. */
export function layOutShadow(head: ShadowHead, fragmentBytes: number): Shadow {
  const size = HEAD_BYTES + head.extent * head.blockSide + fragmentBytes + 2 * SECRET_BYTES
  const bytes = unzeroed(size) // every byte is written before it leaves
  const memory = Buffer.from(bytes.buffer) // writes hex and numbers in place
  memory.set(MAGIC)
  memory.set([VERSION, head.scheme, head.blockSide, head.number], 4)
  memory.write(head.image, 8, 'hex')
  memory.write(head.sharing, 40, 'hex')
  memory.writeUInt32BE(head.extent, 48)
  return parts(bytes, head)
}

/**
 * Read a shadow's form; its MAC is not looked at. No copy is made.
 * @throws NetError `SHADOW_CORRUPT` when the bytes are no shadow of this version
 */
export function readShadow(bytes: Uint8Array): Shadow {
  const memory = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length <= HEAD_BYTES + 2 * SECRET_BYTES) throw corrupt('too short')
  if (!equals(memory.subarray(0, 4), MAGIC)) throw corrupt('no shadow')
  const [version, scheme, blockSide, number] = memory.subarray(4, 8)
  if (version !== VERSION) throw corrupt('another version')
  if (blockSide % 8 !== 0 || blockSide > MAX_BLOCK_SIDE) throw corrupt('no such block side')
  if (number === 0) throw corrupt('number 0')
  const head = {
    scheme,
    blockSide,
    number: shadowNumber(number),
    image: imageId(memory.toString('hex', 8, 40)),
    sharing: sharingId(memory.toString('hex', 40, 48)),
    extent: memory.readUInt32BE(48)
  }
  if (head.extent * blockSide >= bytes.length - HEAD_BYTES - 2 * SECRET_BYTES) throw corrupt('too short')
  return parts(bytes, head)
}

/** The error for a shadow that is not what it should be; `reason` is one of a few fixed phrases. */
export function corrupt(reason: string): NetError {
  return new NetError('SHADOW_CORRUPT', `the shadow is corrupt: ${reason}`)
}

function parts(bytes: Uint8Array, head: ShadowHead): Shadow {
  const fragmentAt = HEAD_BYTES + head.extent * head.blockSide
  const macAt = bytes.length - SECRET_BYTES
  const keyAt = macAt - SECRET_BYTES
  return {
    ...head,
    bytes,
    vectors: bytes.subarray(HEAD_BYTES, fragmentAt),
    fragment: bytes.subarray(fragmentAt, keyAt),
    keyShare: bytes.subarray(keyAt, macAt),
    body: bytes.subarray(0, macAt),
    mac: bytes.subarray(macAt)
  }
}
