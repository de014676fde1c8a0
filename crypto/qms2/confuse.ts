import { DNA_ROWS, DNA_ROWS_INVERSE } from './dna.ts'

/** DNA confusion, in place: each byte is four bases, lowest bits first; one Logistic-Sine word gives rules and key byte. */
export function confuse(bytes: Uint8Array, nextWord: () => number): void {
  substitute(bytes, nextWord, DNA_ROWS)
}

/** Undoes {@link confuse} with the same words. */
export function unconfuse(bytes: Uint8Array, nextWord: () => number): void {
  substitute(bytes, nextWord, DNA_ROWS_INVERSE)
}

function substitute(bytes: Uint8Array, nextWord: () => number, rows: Uint32Array): void {
  for (let i = 0; i < bytes.length; i++) {
    const word = nextWord()
    const row = rows[(word >>> 8) & 2047]
    let result = 0
    for (let shift = 0; shift < 8; shift += 2) {
      const pair = (((word >>> shift) & 3) << 2) | ((bytes[i] >>> shift) & 3)
      result |= ((row >>> (2 * pair)) & 3) << shift
    }
    bytes[i] = result
  }
}
