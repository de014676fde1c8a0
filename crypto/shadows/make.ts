import { wipe } from '../../base/bytes.ts'
import type { RowKernel } from '../row-kernel.ts'
import type { BlockKernel } from './block-kernel.ts'
import { type RandomPlan, startShadows } from './sealed-shadows.ts'
import { SCHEME_IDS } from './shadow-format.ts'

/** How the blocks are cut and who does the work. */
export interface Blocking {
  /** m: blocks of m×m bytes. A multiple of 8, to 32. */
  readonly blockSide: number
  readonly blockKernel: BlockKernel
  readonly rowKernel: RowKernel
}

/** Bytes of the length that stands before the image in the first block. */
export const LENGTH_BYTES = 4

const CHUNK_BYTES = 65_536 // of blocks split at once: stays in the cache with its vectors
const VECTOR_BYTES = 262_144 // of vectors made at once, when there are many shadows

/** How many blocks are split or joined at once. */
export function blocksAtOnce(blockSide: number, rows: number): number {
  return Math.max(1, Math.min(CHUNK_BYTES / (blockSide * blockSide), Math.floor(VECTOR_BYTES / (rows * blockSide))))
}

/**
 * Split an encrypted image by matrix projection (DynamicShadowsGen): its length and its bytes, filled up with random
 * ones, are cut into m×m blocks S; each with a fresh A gives the vectors v_i = A·z_i and the remainder Rd = S - P. The
 * remainders, from which alone three quarters of a block could be told, are sealed and dispersed over the shadows.
 */
export function makeShadows(encrypted: Uint8Array, plan: RandomPlan, blocking: Blocking): Uint8Array[] {
  const { blockSide, blockKernel, rowKernel } = blocking
  const size = blockSide * blockSide
  const extent = Math.ceil((LENGTH_BYTES + encrypted.length) / size)
  const making = startShadows({ scheme: SCHEME_IDS.bai, blockSide, extent }, plan, rowKernel)
  const step = Math.min(extent, blocksAtOnce(blockSide, plan.total))
  const chunk = new Uint8Array(step * size)
  for (let first = 0; first < extent; first += step) {
    const blocks = chunk.subarray(0, Math.min(step, extent - first) * size)
    fillBlocks(blocks, encrypted, { at: first * size, plan })
    const { remainders, vectors } = blockKernel.split({ ...plan, blockSide, blocks })
    making.sealer.write(remainders)
    making.shadows.forEach((shadow, i) => {
      shadow.vectors.set(vectors[i], first * blockSide)
    })
  }
  wipe(chunk)
  return making.finish()
}

/** The part from `at` of: the length, the image, random bytes. */
function fillBlocks(blocks: Uint8Array, encrypted: Uint8Array, { at, plan }: { at: number; plan: RandomPlan }): void {
  const lead = at === 0 ? LENGTH_BYTES : 0
  if (lead > 0) Buffer.from(blocks.buffer).writeUInt32BE(encrypted.length)
  const from = at + lead - LENGTH_BYTES
  const part = encrypted.subarray(from, from + blocks.length - lead)
  blocks.set(part, lead)
  plan.random.fill(blocks.subarray(lead + part.length))
}
