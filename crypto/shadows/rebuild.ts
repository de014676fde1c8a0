import { imageIdOf, unzeroed } from '../../base/bytes.ts'
import { NetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import type { RebuildPlan } from '../shadow-scheme.ts'
import { goodShadows } from './good-shadows.ts'
import { type Blocking, blocksAtOnce, LENGTH_BYTES } from './make.ts'
import { unseal } from './sealed-shadows.ts'
import { SCHEME_IDS, type Shadow } from './shadow-format.ts'

/**
 * The encrypted image from `threshold` opened shadows (ImgReconstruct): P from the vectors, block by block, and Rd + P.
 * @throws NetError `NOT_ENOUGH_SHADOWS`, or `IMAGE_CORRUPT` when the result does not have the image's id
 */
export function rebuildImage(
  shadows: readonly Shadow[],
  plan: RebuildPlan,
  kernels: Omit<Blocking, 'blockSide'>
): Uint8Array {
  const good = goodShadows(shadows, { ...plan, scheme: SCHEME_IDS.bai })
  if (good[0].blockSide === 0 || good[0].extent === 0) throw notTheImage()
  const image = joinBlocks(good, kernels)
  return verified(image, plan.image)
}

/** `bytes` themselves. @throws NetError `IMAGE_CORRUPT` when SHA-256 of them is not `image` */
export function verified(bytes: Uint8Array, image: ImageId): Uint8Array {
  if (imageIdOf(bytes) !== image) throw notTheImage()
  return bytes
}

function joinBlocks(shadows: readonly Shadow[], { blockKernel, rowKernel }: Omit<Blocking, 'blockSide'>): Uint8Array {
  const { blockSide, extent } = shadows[0]
  const size = blockSide * blockSide
  const opener = unseal(shadows, rowKernel)
  const step = Math.min(extent, blocksAtOnce(blockSide, shadows.length))
  const chunk = new Uint8Array(step * size)
  let image = new Uint8Array(0)
  for (let first = 0; first < extent; first += step) {
    const remainders = chunk.subarray(0, Math.min(step, extent - first) * size)
    const end = first * blockSide + remainders.length / blockSide
    opener.read(remainders)
    const vectors = shadows.map(shadow => shadow.vectors.subarray(first * blockSide, end))
    const blocks = blockKernel.join({ blockSide, vectors, remainders })
    if (first === 0) image = imageOfLength(blocks, extent * size)
    const lead = first === 0 ? LENGTH_BYTES : 0
    const at = first * size + lead - LENGTH_BYTES
    image.set(blocks.subarray(lead, lead + image.length - at), at)
  }
  opener.finish()
  return image
}

function imageOfLength(blocks: Uint8Array, room: number): Uint8Array<ArrayBuffer> {
  const length = Buffer.from(blocks.buffer, blocks.byteOffset).readUInt32BE()
  if (length > room - LENGTH_BYTES) throw notTheImage()
  return unzeroed(length)
}

function notTheImage(): NetError {
  return new NetError('IMAGE_CORRUPT', 'what the shadows give is not the image')
}
