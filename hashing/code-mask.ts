import { hkdfSync } from 'node:crypto'
import { toString as toText } from 'uint8arrays/to-string'
import { NetError } from '../base/errors.ts'
import { seededRandom, shuffled } from '../base/random.ts'
import { type CodeSpace, type HashCode, hashCode, spaceName } from './hash-code.ts'

/** A secret isometry of one code space: a bit permutation π and a mask. */
export interface CodeMask {
  readonly bits: number
  /** Bit k of the masked code is bit `order[k]` of the code. */
  readonly order: readonly number[]
  /** Flips bits after π. */
  readonly flips: Uint8Array
}

const KEY_BYTES = 32
const LABEL = 'sfmedir/code-mask/1/'

/**
 * The mask of a code space under K_idx, the same for owners and users who hold the key and for every index and query:
 * HKDF-SHA-256 gives the seed of a Fisher-Yates shuffle and the flips. A mask of its own per space, so that codes of one
 * model tell nothing about those of another.
 * @throws RangeError unless `indexKey` has 32 bytes
 */
export function codeMask(indexKey: Uint8Array, space: CodeSpace): CodeMask {
  if (indexKey.length !== KEY_BYTES) throw new RangeError(`indexKey must have ${KEY_BYTES} bytes`)
  const { bits } = space
  const secret = new Uint8Array(hkdfSync('sha256', indexKey, '', LABEL + spaceName(space), KEY_BYTES + bits / 8))
  const random = seededRandom(toText(secret.subarray(0, KEY_BYTES), 'hex'))
  const order = shuffled(
    random,
    Array.from({ length: bits }, (_, k) => k)
  )
  return { bits, order, flips: secret.subarray(KEY_BYTES) }
}

/**
 * π(code) xor mask: all Hamming distances stay, the meaning of a bit is hidden. What a master still sees: which codes are
 * equal or near, and how many (docs/threat-model.md).
 * @throws NetError `CODE_LENGTH_MISMATCH`
 */
export function maskCode({ bits, order, flips }: CodeMask, code: HashCode): HashCode {
  checkLength(bits, code)
  const bytes = flips.slice()
  for (let k = 0; k < bits; k++) if (bitOf(code, order[k])) bytes[k >> 3] ^= 0x80 >> (k & 7)
  return hashCode(bytes)
}

/** The code behind a masked one. @throws NetError `CODE_LENGTH_MISMATCH` */
export function unmaskCode({ bits, order, flips }: CodeMask, masked: HashCode): HashCode {
  checkLength(bits, masked)
  const shuffledCode = hashCode(masked.bytes.map((byte, i) => byte ^ flips[i]))
  const bytes = new Uint8Array(bits / 8)
  for (let k = 0; k < bits; k++) if (bitOf(shuffledCode, k)) bytes[order[k] >> 3] |= 0x80 >> (order[k] & 7)
  return hashCode(bytes)
}

function bitOf({ bytes }: HashCode, k: number): boolean {
  return (bytes[k >> 3] & (0x80 >> (k & 7))) !== 0
}

function checkLength(bits: number, code: HashCode): void {
  if (code.bits === bits) return
  throw new NetError('CODE_LENGTH_MISMATCH', `a code of ${code.bits} bits does not fit a mask of ${bits} bits`)
}
