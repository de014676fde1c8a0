const REDUCER = 0x11d // x^8 + x^4 + x^3 + x^2 + 1, primitive, with generator x
const ORDER = 255 // of the multiplicative group

const power = new Uint8Array(2 * ORDER) // twice round, so that a sum of two logarithms needs no reduction
const logarithm = new Uint8Array(256)
for (let exponent = 0, value = 1; exponent < ORDER; exponent++) {
  power[exponent] = value
  power[exponent + ORDER] = value
  logarithm[value] = exponent
  value = (value << 1) ^ (value & 0x80 ? REDUCER : 0)
}

/** a·b in GF(2^8) (polynomial 0x11d). Both are bytes. Addition in this field is xor. */
export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : power[logarithm[a] + logarithm[b]]
}

/** 1/a in GF(2^8). @throws RangeError when `a` is 0 */
export function inverse(a: number): number {
  if (a === 0) throw new RangeError('a must not be 0: zero has no inverse')
  return power[ORDER - logarithm[a]]
}

/**
 * The weights w with f(`at`) = Σ w_k·f(`points`[k]) for every polynomial f over GF(2^8) of a degree below the number of
 * points (Lagrange). Reed-Solomon coding and Shamir sharing are both this sum.
 * @throws RangeError when two points are equal
 */
export function lagrangeWeights(points: readonly number[], at: number): Uint8Array {
  return Uint8Array.from(points, (own, k) => {
    let above = 1
    let below = 1
    points.forEach((other, j) => {
      if (j === k) return
      above = multiply(above, at ^ other)
      below = multiply(below, own ^ other)
    })
    if (below === 0) throw new RangeError('points must be distinct')
    return multiply(above, inverse(below))
  })
}
