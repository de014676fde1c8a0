import type { DeclaredForm } from './shadow-format.ts'
import { SCHEME_IDS, SHADOW_FRAME_BYTES } from './shadow-format.ts'

/** Bytes by which what is sealed grows: the AEAD's tag. */
export const TAG_BYTES = 16

/** How the content of one sharing's shadows is divided: vectors of `blocks` blocks, then a fragment of what is sealed. */
export interface ContentForm {
  readonly version: 1 | 2
  /** m of the matrix projection; 0 without vectors. */
  readonly blockSide: number
  /** How many blocks were split; 0 without vectors. */
  readonly blocks: number
  /** Bytes that stand before the image in the first block: its length in version 1. */
  readonly leadBytes: number
  /** Length of one fragment. */
  readonly fragmentBytes: number
  /** How much is sealed, padding counted, without the tag. */
  readonly sealedBytes: number
}

/** What a form depends on. */
export interface FormOf {
  /** See {@link SCHEME_IDS}. */
  readonly scheme: number
  /** Bytes of the encrypted image. */
  readonly size: number
  readonly threshold: number
}

const LEAST_STEP = 256 // more than any m, r adds by one block (100 bytes at r = 15), so each r reaches every length

/**
 * `bytes` rounded up to one of few lengths that are the same for every threshold: multiples of 256 to 8 KiB, above that of
 * the step that Padmé takes (Nikitin et al. 2019): 6 % at most, from 64 KiB on 3 %. Unrounded, the lengths that a
 * threshold can give are 19 to 100 bytes apart, in a pattern of its own that tells which threshold it was.
 */
export function paddedBytes(bytes: number): number {
  const exponent = bitLength(bytes) - 1
  const step = Math.max(LEAST_STEP, 2 ** (exponent - bitLength(exponent)))
  return Math.ceil(bytes / step) * step
}

const bitLength = (value: number): number => value.toString(2).length // exact to 2^53, which Math.log2 is not

/**
 * m for a threshold: 8 to r = 6, 16 to 14, 32 to 30. P must leave room (r = m gives P = 1, which hides nothing): two
 * dimensions at least, so r <= m - 2. Larger blocks make smaller vectors but cost more draws (see MAX_DRAWS), so the
 * smallest that will do.
 */
export function blockSideFor(threshold: number): number {
  if (threshold <= 6) return 8
  return threshold <= 14 ? 16 : 32
}

/** The form of new shadows, version 2: it follows from size and threshold, and no shadow says anything of it. */
export function formFor({ scheme, size, threshold }: FormOf): ContentForm {
  const blockSide = scheme === SCHEME_IDS.bai ? blockSideFor(threshold) : 0
  const blocks = blockSide === 0 ? 0 : Math.ceil(size / blockSide ** 2)
  const plain = blockSide === 0 ? size : blocks * blockSide ** 2
  const vectors = blocks * blockSide
  const least = SHADOW_FRAME_BYTES + vectors + Math.ceil((plain + TAG_BYTES) / threshold)
  const fragmentBytes = paddedBytes(least) - SHADOW_FRAME_BYTES - vectors
  return {
    version: 2,
    blockSide,
    blocks,
    leadBytes: 0,
    fragmentBytes,
    sealedBytes: fragmentBytes * threshold - TAG_BYTES
  }
}

/**
 * The form of shadows of version 1, which say their block side and how many blocks (or bytes) there are. Undefined when
 * that is not what an image of this size gives.
 */
export function declaredForm({ scheme, size, threshold }: FormOf, declared: DeclaredForm): ContentForm | undefined {
  const { blockSide, extent } = declared
  const blocky = scheme === SCHEME_IDS.bai
  if (blocky !== blockSide > 0) return undefined
  if (extent !== (blocky ? Math.ceil((LENGTH_BYTES + size) / blockSide ** 2) : size)) return undefined
  const sealedBytes = blocky ? extent * blockSide ** 2 : size
  const fragmentBytes = Math.ceil((sealedBytes + TAG_BYTES) / threshold)
  return {
    version: 1,
    blockSide,
    blocks: blocky ? extent : 0,
    leadBytes: blocky ? LENGTH_BYTES : 0,
    fragmentBytes,
    sealedBytes
  }
}

const LENGTH_BYTES = 4
