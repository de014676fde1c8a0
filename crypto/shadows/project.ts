import { dot, inverseOf, invertMatrix, type Matrix, residue } from './field257.ts'

/**
 * P = A(AᵀA)⁻¹Aᵀ modulo 257 for the matrix A with these `columns`: the projection onto what they span, the same for
 * every basis of one space (DynamicShadowsGen, step 4; ImgReconstruct, step 3). Undefined when AᵀA is singular; rank r
 * of A, which the paper asks for, is not enough, since (1, 16) is orthogonal to itself.
 */
export function projectionOn(columns: Matrix): number[][] | undefined {
  const inverse = invertMatrix(columns.map(a => columns.map(b => dot(a, b))))
  if (inverse === undefined) return undefined
  const rows = columns[0].map((_, i) => columns.map(column => column[i]))
  const scaled = rows.map(row => inverse.map(line => dot(row, line))) // A·(AᵀA)⁻¹: the inverse is symmetric
  return scaled.map(a => rows.map(b => dot(a, b)))
}

/** An orthogonal basis w of a space, and u with u_k = w_k/(w_k·w_k): the projection is Σ w_k·u_kᵀ. */
export interface OrthogonalBasis {
  readonly w: Matrix
  readonly u: Matrix
}

/**
 * Gram-Schmidt modulo 257, column after column: what the fast version does instead of inverting. Undefined when a w_k is
 * orthogonal to itself, that is, when a leading minor of AᵀA vanishes (r in 257 draws); these include all singular ones.
 */
export function orthogonalise(columns: Matrix): OrthogonalBasis | undefined {
  const w: number[][] = []
  const u: number[][] = []
  for (const column of columns) {
    const shares = u.map(vector => dot(column, vector))
    const rest = column.map((value, i) => residue(value - w.reduce((sum, vector, j) => sum + shares[j] * vector[i], 0)))
    const norm = dot(rest, rest)
    if (norm === 0) return undefined
    const scale = inverseOf(norm)
    w.push(rest)
    u.push(rest.map(value => residue(value * scale)))
  }
  return { w, u }
}
