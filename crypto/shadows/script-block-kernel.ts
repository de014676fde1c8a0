import { NetError } from '../../base/errors.ts'
import {
  type BlockJoin,
  type BlockKernel,
  type BlockSplit,
  drawBytes,
  LANES,
  MAX_DRAWS,
  roundsFor
} from './block-kernel.ts'
import { dot, type Matrix, PRIME, residue } from './field257.ts'
import { orthogonalise, projectionOn } from './project.ts'
import { vandermonde } from './vandermonde.ts'

/** The scheme as the paper writes it, block by block: slow, and what the fast kernel is tested against. */
export const scriptBlockKernel: BlockKernel = Object.freeze({
  split(job: BlockSplit) {
    const { blockSide, threshold, total, blocks, random } = job
    const size = blockSide * blockSide
    const count = blocks.length / size
    const remainders = new Uint8Array(blocks.length)
    const vectors = Array.from({ length: total }, () => new Uint8Array(count * blockSide))
    const lanes = Array.from({ length: LANES }, (_, at) => ({ block: at, draws: 0 }))
    let next = LANES
    for (let done = 0; done < count; ) {
      const rounds = roundsFor(count - done, job)
      const bytes = random.fill(new Uint8Array(rounds * drawBytes(job)))
      const words = new DataView(bytes.buffer)
      for (let round = 0; round < rounds && done < count; round++) {
        const first = round * (threshold * blockSide + 1) * LANES
        lanes.forEach((lane, at) => {
          if (lane.block >= count) return
          const columns = drawColumns(words, { first: first + at, blockSide, threshold })
          const start = words.getUint16(2 * (first + blockSide * threshold * LANES + at), true)
          const from = lane.block * size
          const remainder = columns && remainderOf(blocks.subarray(from, from + size), columns)
          if (columns === undefined || remainder === undefined) {
            if (++lane.draws === MAX_DRAWS) throw new NetError('INTERNAL', `no matrix fits in ${MAX_DRAWS} draws`)
            return
          }
          remainders.set(remainder, from)
          vectors.forEach((vector, i) => {
            vector.set(vectorFor(i + 1, columns, start), lane.block * blockSide)
          })
          done++
          Object.assign(lane, { block: next++, draws: 0 })
        })
      }
    }
    return { remainders, vectors }
  },

  join({ blockSide, vectors, remainders }: BlockJoin): Uint8Array {
    const size = blockSide * blockSide
    const blocks = new Uint8Array(remainders.length)
    for (let block = 0; block * size < blocks.length; block++) {
      const columns = vectors.map(vector => [...vector.subarray(block * blockSide, (block + 1) * blockSide)])
      const projection = projectionOn(columns)
      for (let at = 0; at < size; at++) {
        const own = projection?.[Math.floor(at / blockSide)][at % blockSide] ?? 0 // singular only when made so
        blocks[block * size + at] = residue(remainders[block * size + at] + own)
      }
    }
    return blocks
  }
})

/** A fresh A, evenly drawn; undefined when a word is 65535, the one that would make 0 likelier than the rest. */
function drawColumns(
  words: DataView,
  { first, blockSide, threshold }: { first: number; blockSide: number; threshold: number }
): Matrix | undefined {
  const drawn = Array.from({ length: threshold }, (_, k) =>
    Array.from({ length: blockSide }, (_, i) => words.getUint16(2 * (first + (k * blockSide + i) * LANES), true))
  )
  if (drawn.flat().includes(65_535)) return undefined
  return drawn.map(column => column.map(residue))
}

/** Rd = S - P, or undefined when A is to be drawn again: an isotropic column, or a symbol that no byte holds. */
function remainderOf(block: Uint8Array, columns: Matrix): number[] | undefined {
  const basis = orthogonalise(columns)
  if (basis === undefined) return undefined
  const side = columns[0].length
  const remainder = Array.from(block, (symbol, at) => {
    const i = Math.floor(at / side)
    const j = at % side
    const projection = basis.w.reduce((sum, w, k) => sum + w[i] * basis.u[k][j], 0)
    return residue(symbol - projection)
  })
  return remainder.includes(PRIME - 1) ? undefined : remainder
}

/**
 * v_i = A·z_i, and where a symbol does not fit a byte, times the first factor from a random one on with which all do: it
 * spans the same line, so P is the same. Each symbol rules out one factor of 256, and there are 32 symbols at most. With
 * the smallest factor, always 2, every symbol 256 would become 255, and that value twice as frequent as the others.
 */
function vectorFor(number: number, columns: Matrix, start: number): number[] {
  const z = vandermonde(number, columns.length)
  const v = columns[0].map((_, i) =>
    dot(
      columns.map(column => column[i]),
      z
    )
  )
  let scaled = v
  for (let step = 0; scaled.includes(PRIME - 1); step++) {
    scaled = v.map(symbol => residue(symbol * (((start + step) & 255) + 1)))
  }
  return scaled
}
