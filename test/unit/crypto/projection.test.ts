import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomBelow, randomBytes, seededRandom } from '../../../base/random.ts'
import { MAX_DRAWS } from '../../../crypto/shadows/block-kernel.ts'
import { dot, inverseOf, invertMatrix, type Matrix, PRIME, residue } from '../../../crypto/shadows/field257.ts'
import { orthogonalise, projectionOn } from '../../../crypto/shadows/project.ts'
import { scriptBlockKernel } from '../../../crypto/shadows/script-block-kernel.ts'
import { vandermonde } from '../../../crypto/shadows/vandermonde.ts'
import { wasmBlockKernel } from '../../../crypto/shadows/wasm-block-kernel.ts'

const shapes = fc.record({ m: fc.constantFrom(8, 16), r: fc.integer({ min: 1, max: 6 }), seed: fc.integer() })

function drawColumns({ m, r, seed }: { m: number; r: number; seed: number | string }): number[][] {
  const random = seededRandom(seed)
  return Array.from({ length: r }, () => Array.from({ length: m }, () => randomBelow(random, PRIME)))
}

const product = (a: Matrix, b: Matrix): number[][] =>
  a.map(row =>
    b[0].map((_, j) =>
      dot(
        row,
        b.map(line => line[j])
      )
    )
  )
const trace = (matrix: Matrix): number => residue(matrix.reduce((sum, row, i) => sum + row[i], 0))

describe('Z_257', () => {
  test('every unit times its inverse is 1; 0 and 257 are a RangeError', () => {
    for (let x = 1; x < PRIME; x++) expect(residue(x * inverseOf(x))).toBe(1)
    expect(() => inverseOf(0)).toThrow(RangeError)
    expect(() => inverseOf(PRIME)).toThrow(RangeError)
  })

  test('a matrix times its inverse is 1, also where a pivot is 0; a singular one has none', () => {
    expect(
      product(
        [
          [0, 1],
          [1, 0]
        ],
        invertMatrix([
          [0, 1],
          [1, 0]
        ]) ?? []
      )
    ).toEqual([
      [1, 0],
      [0, 1]
    ])
    expect(
      invertMatrix([
        [1, 2],
        [2, 4]
      ])
    ).toBeUndefined()
  })
})

describe('projection modulo 257', () => {
  test('P is symmetric, idempotent, keeps A, and has trace r', () => {
    fc.assert(
      fc.property(shapes, shape => {
        const columns = drawColumns(shape)
        const projection = projectionOn(columns)
        fc.pre(projection !== undefined)
        expect(product(projection, projection)).toEqual(projection)
        expect(projection.map((row, i) => row.map((_, j) => projection[j][i]))).toEqual(projection)
        for (const column of columns) expect(projection.map(row => dot(row, column))).toEqual(column)
        expect(trace(projection)).toBe(shape.r)
      })
    )
  })

  test('P is the same for any r of the vectors A·z_i, also when these are scaled', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 40 }), (shape, first) => {
        const columns = drawColumns(shape)
        const vectors = Array.from({ length: shape.r }, (_, j) => {
          const z = vandermonde(first + 3 * j + 1, shape.r)
          return columns[0].map((_, i) => residue((j + 2) * z.reduce((sum, x, k) => sum + x * columns[k][i], 0)))
        })
        expect(projectionOn(vectors)).toEqual(projectionOn(columns))
      })
    )
  })

  test('the trace check of the paper passes for 200 of 200 sets of tampered vectors: it tells nothing', () => {
    const projections = Array.from({ length: 200 }, (_, seed) => projectionOn(drawColumns({ m: 8, r: 3, seed })))
    const traces = projections.filter(projection => projection !== undefined).map(trace)
    expect(traces.length).toBeGreaterThan(190)
    expect(new Set(traces)).toEqual(new Set([3]))
  })

  test('rank r of A is not enough: (1, 16) is orthogonal to itself', () => {
    expect(projectionOn([[1, 16, 0, 0, 0, 0, 0, 0]])).toBeUndefined()
  })

  test('Gram-Schmidt gives the same P, or finds a column orthogonal to itself in about r of 257 draws', () => {
    let isotropic = 0
    for (let seed = 0; seed < 1000; seed++) {
      const columns = drawColumns({ m: 8, r: 4, seed: `gram ${seed}` })
      const basis = orthogonalise(columns)
      if (basis === undefined) isotropic++
      else if (seed % 10 === 0) {
        const { w, u } = basis
        const sum = w[0].map((_, i) => u[0].map((_, j) => residue(w.reduce((t, wk, k) => t + wk[i] * u[k][j], 0))))
        expect(sum).toEqual(projectionOn(columns))
      }
    }
    expect(isotropic).toBeGreaterThan(3) // 15.6 expected
    expect(isotropic).toBeLessThan(35)
  })

  test.each([2, 3, 6])('any %i of the first 12 z_i are independent', r => {
    const rows = Array.from({ length: 12 }, (_, i) => vandermonde(i + 1, r))
    const choose = (from: number, chosen: number[][]): void => {
      if (chosen.length === r) {
        expect(invertMatrix(chosen)).toBeDefined()
        return
      }
      for (let i = from; i < 12; i++) choose(i + 1, [...chosen, rows[i]])
    }
    choose(0, [])
  })
})

describe('block kernels', () => {
  const splits = fc.record({
    blockSide: fc.constantFrom(8, 8, 16, 24, 32),
    threshold: fc.integer({ min: 2, max: 6 }),
    more: fc.nat(6),
    count: fc.integer({ min: 1, max: 9 }),
    seed: fc.integer()
  })

  test('WebAssembly gives the bytes of the plain version, in splitting and in joining any r vectors', () => {
    fc.assert(
      fc.property(splits, ({ blockSide, threshold, more, count, seed }) => {
        const size = blockSide === 32 ? 1 : count // 55 draws a block there
        const blocks = randomBytes(seededRandom(`blocks ${seed}`), size * blockSide ** 2)
        const job = { blockSide, threshold, total: threshold + more, blocks }
        const fast = wasmBlockKernel.split({ ...job, random: seededRandom(seed) })
        const remainders = fast.remainders.slice()
        const vectors = fast.vectors.map(vector => vector.slice())
        const plain = scriptBlockKernel.split({ ...job, random: seededRandom(seed) })
        expect({ remainders, vectors }).toEqual(plain)
        const use = { blockSide, remainders, vectors: vectors.slice(more) }
        expect(wasmBlockKernel.join(use)).toEqual(blocks)
        expect(scriptBlockKernel.join(use)).toEqual(blocks)
      }),
      { numRuns: 25 }
    )
  }, 120_000)

  test('joins where a vector is orthogonal to itself: 3000 blocks at r=6, in which 2 % of vector sets are so', () => {
    const blocks = randomBytes(seededRandom(3), 3000 * 64)
    const made = wasmBlockKernel.split({ blockSide: 8, threshold: 6, total: 10, blocks, random: seededRandom(4) })
    const remainders = made.remainders.slice()
    const vectors = made.vectors.map(vector => vector.slice())
    for (const first of [0, 2, 4]) {
      const chosen = vectors.slice(first, first + 6)
      const isotropic = Array.from({ length: 300 }, (_, block) =>
        orthogonalise(chosen.map(vector => [...vector.subarray(block * 8, block * 8 + 8)]))
      ).filter(basis => basis === undefined)
      if (first > 0) expect(isotropic.length).toBeGreaterThan(0)
      expect(Buffer.compare(wasmBlockKernel.join({ blockSide: 8, vectors: chosen, remainders }), blocks)).toBe(0)
    }
  })

  test('vectors that span too little give wrong blocks in both, and an end', () => {
    const remainders = randomBytes(seededRandom(5), 64)
    const vectors = [new Uint8Array(8), new Uint8Array(8)]
    expect(wasmBlockKernel.join({ blockSide: 8, vectors, remainders })).toHaveLength(64)
    expect(scriptBlockKernel.join({ blockSide: 8, vectors, remainders })).toEqual(remainders)
  })

  test(`a generator that gives only zeros ends with INTERNAL after ${MAX_DRAWS} draws`, () => {
    const random = { fill: <T extends Uint8Array>(target: T): T => target.fill(0) }
    const job = { blockSide: 8, threshold: 2, total: 3, blocks: new Uint8Array(64), random }
    const internal = expect.objectContaining({ code: 'INTERNAL' })
    expect(() => wasmBlockKernel.split(job)).toThrow(internal)
    expect(() => scriptBlockKernel.split(job)).toThrow(internal)
  })

  test('a draw with a word 65535 is not used, so that all symbols are equally likely', () => {
    const ones = { fill: <T extends Uint8Array>(target: T): T => target.fill(255) }
    const job = { blockSide: 8, threshold: 2, total: 3, blocks: new Uint8Array(64), random: ones }
    expect(() => wasmBlockKernel.split(job)).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
  })

  test('vectors of equal blocks look random: every byte value about equally often, no two vectors equal', () => {
    const blocks = new Uint8Array(64 * 4000)
    const job = { blockSide: 8, threshold: 2, total: 3, blocks, random: seededRandom(6) }
    const { vectors } = wasmBlockKernel.split(job)
    const counts = new Uint32Array(256)
    for (const symbol of vectors[2]) counts[symbol]++
    const chiSquare = counts.reduce((sum, count) => sum + (count - 125) ** 2 / 125, 0)
    expect(chiSquare).toBeLessThan(330) // 255 degrees of freedom, p = 0.001
    const seen = new Set(Array.from({ length: 4000 }, (_, i) => vectors[2].slice(i * 8, i * 8 + 8).join()))
    expect(seen.size).toBe(4000)
  })
})
