import { sha256Hex, unzeroed } from '../../base/bytes.ts'
import { NetError } from '../../base/errors.ts'
import type { RebuildPlan } from '../shadow-scheme.ts'
import { type GoodShadows, goodShadows } from './good-shadows.ts'
import { type BaiKernels, blocksAtOnce } from './make.ts'
import { openContent } from './sealed-shadows.ts'
import { SCHEME_IDS, type Shadow } from './shadow-format.ts'

/**
 * The encrypted image from `threshold` opened shadows (ImgReconstruct): P from the vectors, block by block, and Rd + P.
 * @throws NetError `NOT_ENOUGH_SHADOWS`, or `IMAGE_CORRUPT` when the result does not have the image's digest
 */
export function rebuildImage(shadows: readonly Shadow[], plan: RebuildPlan, kernels: BaiKernels): Uint8Array {
  const good = goodShadows(shadows, { ...plan, scheme: SCHEME_IDS.bai })
  return verified(joinBlocks(good, plan.size, kernels), plan.digest)
}

/** `bytes` themselves. @throws NetError `IMAGE_CORRUPT` when SHA-256 of them is not `digest` */
export function verified(bytes: Uint8Array, digest: string): Uint8Array {
  if (sha256Hex(bytes) === digest) return bytes
  throw new NetError('IMAGE_CORRUPT', 'what the shadows give is not the image')
}

function joinBlocks(good: GoodShadows, bytes: number, { blockKernel, rowKernel }: BaiKernels): Uint8Array {
  const { blockSide, blocks: count, leadBytes } = good.form
  const size = blockSide * blockSide
  const { sealed, readVectors } = openContent(good, rowKernel)
  const step = Math.min(count, blocksAtOnce(blockSide, good.shadows.length))
  const chunk = new Uint8Array(step * size)
  const image = unzeroed(bytes)
  for (let first = 0; first < count; first += step) {
    const remainders = chunk.subarray(0, Math.min(step, count - first) * size)
    sealed.read(remainders)
    const vectors = readVectors(remainders.length / blockSide)
    const blocks = blockKernel.join({ blockSide, vectors, remainders })
    const lead = first === 0 ? leadBytes : 0
    const at = first * size + lead - leadBytes
    image.set(blocks.subarray(lead, lead + image.length - at), at)
  }
  sealed.finish()
  return image
}
