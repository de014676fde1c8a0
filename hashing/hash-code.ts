import { bitCount } from '../base/bit-count.ts'
import { NetError } from '../base/errors.ts'
import type { Descriptor } from './descriptor.ts'

/** A similarity-preserving hash code AH, or, sent as a query, a trapdoor H_q. */
export interface HashCode {
  /** Length l in bits: 8 to 256, a multiple of 8. */
  readonly bits: number
  /** The bits, bit k at byte k>>3, most significant bit first. */
  readonly bytes: Uint8Array
  /** What the same run of the model gave beside it; left out by models that give none. Takes no part in distances. */
  readonly descriptor?: Descriptor
}

/** A {@link HashCode} over these bytes. @throws NetError `MESSAGE_INVALID` unless there are 1 to 32 of them */
export function hashCode(bytes: Uint8Array): HashCode {
  if (bytes.length < 1 || bytes.length > 32) {
    throw new NetError('MESSAGE_INVALID', 'a hash code has 8 to 256 bits', { detail: { bits: bytes.length * 8 } })
  }
  return { bits: bytes.length * 8, bytes }
}

/** A code from the signs of a model's outputs: 1 where the value is at least 0 (sign(0) = +1). */
export function codeFromOutputs(outputs: ArrayLike<number>): HashCode {
  const bytes = new Uint8Array(outputs.length >> 3)
  for (let k = 0; k < outputs.length; k++) if (outputs[k] >= 0) bytes[k >> 3] |= 0x80 >> (k & 7)
  return hashCode(bytes)
}

/** Number of differing bits. @throws NetError `CODE_LENGTH_MISMATCH` when the lengths differ */
export function hammingDistance(a: HashCode, b: HashCode): number {
  if (a.bits !== b.bits) {
    throw new NetError('CODE_LENGTH_MISMATCH', `codes of ${a.bits} and ${b.bits} bits do not compare`)
  }
  let distance = 0
  for (let i = 0; i < a.bytes.length; i++) distance += bitCount(a.bytes[i] ^ b.bytes[i])
  return distance
}

/** What makes codes comparable: only codes of one space are ever ranked together. */
export interface CodeSpace {
  /** SHA-256 of the model file, or of the earlier one that first gave these very codes, hex. */
  readonly model: string
  /** Digest of the view recipe, hex. */
  readonly view: string
  readonly bits: number
}

/** The space as one string, for maps. */
export function spaceName(space: CodeSpace): string {
  return `${space.model}/${space.view}/${space.bits}`
}
