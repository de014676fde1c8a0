import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { unzeroed } from '../../base/bytes.ts'
import { NetError } from '../../base/errors.ts'
import { type ImageId, imageId, type ShadowNumber, type SharingId, shadowNumber, sharingId } from '../../base/ids.ts'

/** What a shadow says about itself. Nothing in it depends on the threshold or the image's size. */
export interface ShadowHead {
  /** Which scheme made it, see {@link SCHEME_IDS}. */
  readonly scheme: number
  readonly number: ShadowNumber
  readonly image: ImageId
  readonly sharing: SharingId
}

/** What shadows of version 1 say besides. */
export interface DeclaredForm {
  /** m of the matrix projection, a multiple of 8 to 32; 0 when the shadow has no vectors. */
  readonly blockSide: number
  /** How many blocks were split, or how many bytes when there are no blocks: 0 to 2^32 - 1. */
  readonly extent: number
}

/** A shadow's parts, as views of its bytes. */
export interface Shadow extends ShadowHead {
  /** All of it. */
  readonly bytes: Uint8Array
  /** v of every block, m bytes each, then the Reed-Solomon fragment of what is sealed; where one ends, size and r tell. */
  readonly content: Uint8Array
  /** The Shamir share of the key under which it is sealed, 32 bytes. */
  readonly keyShare: Uint8Array
  /** Everything before the MAC. */
  readonly body: Uint8Array
  /** HMAC-SHA-256 of `body`, 32 bytes. */
  readonly mac: Uint8Array
  /** Of a shadow of version 1. */
  readonly declared: DeclaredForm | undefined
}

/** The byte by which a shadow names its scheme. */
export const SCHEME_IDS = Object.freeze({ bai: 1, disperse: 2 })

/** Largest m: the kernel sums 32 products without reduction. */
export const MAX_BLOCK_SIDE = 32

const MAGIC = fromString('SFSH')
const VERSION = 2
const HEAD_BYTES = 48
const EXTENT_BYTES = 4 // behind the head of version 1
const SECRET_BYTES = 32 // of the key share, and of the MAC

/** Bytes of a shadow beside its content: head, key share and MAC. */
export const SHADOW_FRAME_BYTES = HEAD_BYTES + 2 * SECRET_BYTES

/** A new shadow with its head written and its other parts to be filled in; `contentBytes` is 1 or more. */
export function layOutShadow(head: ShadowHead, contentBytes: number): Shadow {
  const bytes = unzeroed(SHADOW_FRAME_BYTES + contentBytes) // every byte is written before it leaves
  const memory = Buffer.from(bytes.buffer) // writes hex in place
  memory.set(MAGIC)
  memory.set([VERSION, head.scheme, 0, head.number], 4)
  memory.write(head.image, 8, 'hex')
  memory.write(head.sharing, 40, 'hex')
  return parts(bytes, head, undefined)
}

/**
 * Read a shadow's form; its MAC is not looked at. No copy is made.
 * @throws NetError `SHADOW_CORRUPT` when the bytes are no shadow of version 1 or 2
 */
export function readShadow(bytes: Uint8Array): Shadow {
  const memory = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length <= SHADOW_FRAME_BYTES + EXTENT_BYTES) throw corrupt('too short')
  if (!equals(memory.subarray(0, 4), MAGIC)) throw corrupt('no shadow')
  const [version, scheme, blockSide, number] = memory.subarray(4, 8)
  if (version !== 1 && version !== VERSION) throw corrupt('another version')
  if (number === 0) throw corrupt('number 0')
  const head = {
    scheme,
    number: shadowNumber(number),
    image: imageId(memory.toString('hex', 8, 40)),
    sharing: sharingId(memory.toString('hex', 40, 48))
  }
  if (version === 1) return parts(bytes, head, { blockSide, extent: memory.readUInt32BE(HEAD_BYTES) })
  if (blockSide !== 0) throw corrupt('no such head')
  return parts(bytes, head, undefined)
}

/** The error for a shadow that is not what it should be; `reason` is one of a few fixed phrases. */
export function corrupt(reason: string): NetError {
  return new NetError('SHADOW_CORRUPT', `the shadow is corrupt: ${reason}`)
}

function parts(bytes: Uint8Array, head: ShadowHead, declared: DeclaredForm | undefined): Shadow {
  const macAt = bytes.length - SECRET_BYTES
  const keyAt = macAt - SECRET_BYTES
  if (declared !== undefined) checkDeclared(declared, keyAt - HEAD_BYTES - EXTENT_BYTES)
  return {
    ...head,
    bytes,
    content: bytes.subarray(HEAD_BYTES + (declared === undefined ? 0 : EXTENT_BYTES), keyAt),
    keyShare: bytes.subarray(keyAt, macAt),
    body: bytes.subarray(0, macAt),
    mac: bytes.subarray(macAt),
    declared
  }
}

/** Vectors must leave one byte or more for the fragment. */
function checkDeclared({ blockSide, extent }: DeclaredForm, contentBytes: number): void {
  if (blockSide % 8 !== 0 || blockSide > MAX_BLOCK_SIDE) throw corrupt('no such block side')
  if (extent * blockSide >= contentBytes) throw corrupt('too short')
}
