/** The smallest prime above 255: every byte is a symbol of Z_257, so sharing loses nothing (with 251, 2 % of bytes). */
export const PRIME = 257

/** x modulo 257, from 0 to 256, for any whole number (also negative). */
export function residue(x: number): number {
  const rest = x % PRIME
  return rest < 0 ? rest + PRIME : rest
}

const inverses = new Uint16Array(PRIME)
for (let exponent = 0, value = 1, inverted = 1; exponent < PRIME - 1; exponent++) {
  inverses[value] = inverted // 3 generates all units, and 86 is 1/3
  value = residue(value * 3)
  inverted = residue(inverted * 86)
}

/** 1/x modulo 257. @throws RangeError when x is 0 modulo 257 */
export function inverseOf(x: number): number {
  const rest = residue(x)
  if (rest === 0) throw new RangeError('x must not be 0 modulo 257: zero has no inverse')
  return inverses[rest]
}

/** A matrix or a list of columns of symbols 0 to 256. */
export type Matrix = readonly (readonly number[])[]

/** Σ a_i·b_i modulo 257. */
export function dot(a: readonly number[], b: readonly number[]): number {
  return residue(a.reduce((sum, value, i) => sum + value * b[i], 0))
}

/** The inverse of a square matrix modulo 257 (Gauss-Jordan with row exchange), or undefined when it is singular. */
export function invertMatrix(matrix: Matrix): number[][] | undefined {
  const size = matrix.length
  const rows = matrix.map((row, i) => [...row, ...Array.from({ length: size }, (_, j) => (i === j ? 1 : 0))])
  for (let column = 0; column < size; column++) {
    const pivot = rows.findIndex((row, i) => i >= column && row[column] !== 0)
    if (pivot < 0) return undefined
    ;[rows[column], rows[pivot]] = [rows[pivot], rows[column]]
    const scale = inverseOf(rows[column][column])
    rows[column] = rows[column].map(value => residue(value * scale))
    rows.forEach((row, i) => {
      if (i === column || row[column] === 0) return
      const factor = row[column]
      rows[i] = row.map((value, j) => residue(value - factor * rows[column][j]))
    })
  }
  return rows.map(row => row.slice(size))
}
