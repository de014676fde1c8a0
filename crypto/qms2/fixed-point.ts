// Numbers are unsigned 32-bit words, or signed ones in units of 2^-32: only integer arithmetic, so that every machine
// computes the same orbit. `Math.sin`, `exp` and `pow` are not exact in ECMAScript.

/** floor(a·b / 2^32) of two unsigned 32-bit words. */
export function mulhi(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16) // below 2^33: exact
  const carry = aLow * bHigh + (middle & 0xffff)
  return aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)
}

/** a·s / 2^32 rounded towards zero, of an unsigned word and a signed one. */
export function mulhs(a: number, s: number): number {
  return s < 0 ? -mulhi(a, -s) : mulhi(a, s)
}

/** The bits of `word` moved `count` places to the left, around the end. */
export function rotateLeft(word: number, count: number): number {
  return ((word << count) | (word >>> (32 - count))) >>> 0
}

/** Spreads every bit of a word over the whole word (murmur3's finaliser). A bijection. */
export function fmix32(word: number): number {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
