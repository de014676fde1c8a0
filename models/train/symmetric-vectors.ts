const SWEEPS = 30 // ten are enough for any matrix seen; the end is when nothing is left to turn
const NOTHING = 1e-14 // of the squares, off the diagonal: finer than the weights that come of it

/** Eigenvectors of a symmetric matrix, those of the largest eigenvalue first (cyclic Jacobi rotations). `matrix` is used up. */
export function symmetricVectors(matrix: Float64Array, width: number): Float64Array[] {
  const vectors = new Float64Array(width * width) // one a row
  for (let i = 0; i < width; i++) vectors[i * width + i] = 1
  for (let sweep = 0; sweep < SWEEPS && offDiagonal(matrix, width) > NOTHING; sweep++) {
    for (let p = 0; p < width; p++) {
      for (let q = p + 1; q < width; q++) rotate(matrix, vectors, { width, p, q })
    }
  }
  return Array.from({ length: width }, (_, i) => i)
    .sort((a, b) => matrix[b * width + b] - matrix[a * width + a] || a - b)
    .map(at => vectors.slice(at * width, (at + 1) * width))
}

/** The share of the squares that stands off the diagonal. */
function offDiagonal(matrix: Float64Array, width: number): number {
  let [off, all] = [0, 0]
  matrix.forEach((value, at) => {
    all += value * value
    if (Math.floor(at / width) !== at % width) off += value * value
  })
  return all === 0 ? 0 : off / all
}

/** Turn the plane of p and q so that the entry between them is 0. */
function rotate(
  matrix: Float64Array,
  vectors: Float64Array,
  { width, p, q }: { width: number; p: number; q: number }
): void {
  const between = matrix[p * width + q]
  if (between === 0) return
  const ratio = (matrix[q * width + q] - matrix[p * width + p]) / (2 * between)
  const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(ratio, 1))
  const cos = 1 / Math.hypot(tangent, 1)
  const sin = tangent * cos
  const turn = { width, cos, sin }
  turnRows(matrix, p, q, turn)
  for (let i = 0; i < width; i++) {
    const [a, b] = [matrix[i * width + p], matrix[i * width + q]]
    matrix[i * width + p] = cos * a - sin * b
    matrix[i * width + q] = sin * a + cos * b
  }
  turnRows(vectors, p, q, turn)
}

function turnRows(
  rows: Float64Array,
  ...[p, q, { width, cos, sin }]: [number, number, { width: number; cos: number; sin: number }]
): void {
  for (let i = 0; i < width; i++) {
    const [a, b] = [rows[p * width + i], rows[q * width + i]]
    rows[p * width + i] = cos * a - sin * b
    rows[q * width + i] = sin * a + cos * b
  }
}
