import { symmetricVectors } from './symmetric-vectors.ts'

/** Rows of numbers, one after the other. */
export interface Rows {
  readonly data: Float32Array
  readonly width: number
}

/** Directions in which rows differ, and by how much they are divided before. */
export interface Discriminant {
  /** The mean of all rows. */
  readonly mean: Float64Array
  /** `count` rows of as many numbers as a row has, best first. */
  readonly directions: Float64Array
}

const RIDGE = 0.01 // of the mean variance within, added to all: directions that hardly vary are no better than others

/**
 * Fisher's discriminant: the `count` directions in which `rows` differ most for what `changes` (differences between a row
 * and the same thing seen again) differ. Along each, the changes have variance 1 and are not correlated.
 * @throws RangeError when there are more directions than columns
 */
export function discriminant(rows: Rows, changes: Rows, count: number): Discriminant {
  const { width } = rows
  if (count > width) throw new RangeError(`there are ${width} directions, not ${count}`)
  const mean = meanOf(rows)
  const spread = diagonalOf(scatter(rows, mean)).map(variance => Math.sqrt(variance) || 1)
  const between = scaled(scatter(rows, mean), spread)
  const within = scaled(scatter(changes, new Float64Array(width)), spread)
  const ridge = (RIDGE * diagonalOf(within).reduce((total, value) => total + value, 0)) / width
  for (let i = 0; i < width; i++) within[i * width + i] += ridge
  const root = cholesky(within, width)
  solveLower(root, between, width) // L⁻¹ B
  transpose(between, width)
  solveLower(root, between, width) // L⁻¹ B L⁻ᵀ
  const vectors = symmetricVectors(between, width)
  const directions = new Float64Array(count * width)
  for (let at = 0; at < count; at++) {
    const direction = directions.subarray(at * width, (at + 1) * width)
    direction.set(vectors[at])
    solveUpper(root, direction) // L⁻ᵀ v
    for (let i = 0; i < width; i++) direction[i] /= spread[i]
  }
  return { mean, directions }
}

function meanOf({ data, width }: Rows): Float64Array {
  const mean = new Float64Array(width)
  data.forEach((value, at) => {
    mean[at % width] += value
  })
  return mean.map(sum => (sum * width) / data.length)
}

/** Mean of (row - middle)(row - middle)ᵀ. */
function scatter({ data, width }: Rows, middle: Float64Array): Float64Array {
  const sums = new Float64Array(width * width)
  const row = new Float64Array(width)
  for (let from = 0; from < data.length; from += width) {
    for (let i = 0; i < width; i++) row[i] = data[from + i] - middle[i]
    for (let i = 0; i < width; i++) {
      const value = row[i]
      for (let k = 0; k <= i; k++) sums[i * width + k] += value * row[k]
    }
  }
  for (let i = 0; i < width; i++) {
    for (let k = 0; k <= i; k++) sums[k * width + i] = sums[i * width + k] *= width / data.length
  }
  return sums
}

function diagonalOf(matrix: Float64Array): Float64Array {
  const width = Math.sqrt(matrix.length)
  return Float64Array.from({ length: width }, (_, i) => matrix[i * width + i])
}

function scaled(matrix: Float64Array, by: Float64Array): Float64Array {
  const width = by.length
  return matrix.map((value, at) => value / (by[Math.floor(at / width)] * by[at % width]))
}

/** L with L Lᵀ = matrix. */
function cholesky(matrix: Float64Array, width: number): Float64Array {
  const root = new Float64Array(width * width)
  for (let i = 0; i < width; i++) {
    for (let k = 0; k <= i; k++) {
      let rest = matrix[i * width + k]
      for (let j = 0; j < k; j++) rest -= root[i * width + j] * root[k * width + j]
      root[i * width + k] = i === k ? Math.sqrt(rest) : rest / root[k * width + k]
    }
  }
  return root
}

/** Overwrite every column of `matrix` with L⁻¹ of it. */
function solveLower(root: Float64Array, matrix: Float64Array, width: number): void {
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) {
      const factor = root[i * width + j]
      for (let k = 0; k < width; k++) matrix[i * width + k] -= factor * matrix[j * width + k]
    }
    for (let k = 0; k < width; k++) matrix[i * width + k] /= root[i * width + i]
  }
}

/** Overwrite a vector with L⁻ᵀ of it. */
function solveUpper(root: Float64Array, vector: Float64Array): void {
  const width = vector.length
  for (let i = width - 1; i >= 0; i--) {
    for (let j = i + 1; j < width; j++) vector[i] -= root[j * width + i] * vector[j]
    vector[i] /= root[i * width + i]
  }
}

function transpose(matrix: Float64Array, width: number): void {
  for (let i = 0; i < width; i++) {
    for (let k = 0; k < i; k++) {
      const value = matrix[i * width + k]
      matrix[i * width + k] = matrix[k * width + i]
      matrix[k * width + i] = value
    }
  }
}
