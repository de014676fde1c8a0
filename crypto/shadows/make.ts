import { wipe } from '../../base/bytes.ts'
import type { RowKernel } from '../row-kernel.ts'
import type { BlockKernel } from './block-kernel.ts'
import { formFor } from './content-form.ts'
import { type RandomPlan, startShadows } from './sealed-shadows.ts'
import { SCHEME_IDS } from './shadow-format.ts'

/** Who does the work. */
export interface BaiKernels {
  readonly blockKernel: BlockKernel
  readonly rowKernel: RowKernel
}

const CHUNK_BYTES = 65_536 // of blocks split at once: stays in the cache with its vectors
const VECTOR_BYTES = 262_144 // of vectors made at once, when there are many shadows

/** How many blocks are split or joined at once. */
export function blocksAtOnce(blockSide: number, rows: number): number {
  return Math.max(1, Math.min(CHUNK_BYTES / (blockSide * blockSide), Math.floor(VECTOR_BYTES / (rows * blockSide))))
}

/**
 * Split an encrypted image by matrix projection (DynamicShadowsGen): its bytes, filled up with random ones, are cut into
 * m×m blocks S; each with a fresh A gives the vectors v_i = A·z_i and the remainder Rd = S - P. The remainders, from which
 * alone three quarters of a block could be told, are sealed and dispersed over the shadows; the vectors are masked.
 */
export function makeShadows(
  encrypted: Uint8Array,
  plan: RandomPlan,
  { blockKernel, rowKernel }: BaiKernels
): Uint8Array[] {
  const scheme = SCHEME_IDS.bai
  const form = formFor({ scheme, size: encrypted.length, threshold: plan.threshold })
  const { blockSide, blocks: count } = form
  const making = startShadows({ ...form, scheme }, plan, rowKernel)
  const size = blockSide * blockSide
  const step = Math.min(count, blocksAtOnce(blockSide, plan.total))
  const chunk = new Uint8Array(step * size)
  for (let first = 0; first < count; first += step) {
    const blocks = chunk.subarray(0, Math.min(step, count - first) * size)
    const part = encrypted.subarray(first * size, first * size + blocks.length)
    blocks.set(part)
    plan.random.fill(blocks.subarray(part.length))
    const { remainders, vectors } = blockKernel.split({ ...plan, blockSide, blocks })
    making.sealer.write(remainders)
    making.writeVectors(vectors)
  }
  wipe(chunk)
  return making.finish()
}
