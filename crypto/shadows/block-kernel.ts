import type { Random } from '../../base/random.ts'
import type { Split } from '../split.ts'

/** Some blocks of an encrypted image, and into what to split them. */
export interface BlockSplit extends Split {
  /** m: blocks are m×m bytes. A multiple of 8, to 32. */
  readonly blockSide: number
  /** The blocks, one after another. */
  readonly blocks: Uint8Array
  readonly random: Random
}

/** What becomes of them: views that the next call overwrites. */
export interface SplitBlocks {
  /** Rd of every block, as long as the blocks. */
  readonly remainders: Uint8Array
  /** For every shadow its v of every block, m bytes each. */
  readonly vectors: readonly Uint8Array[]
}

/** The vectors of r shadows for some blocks, and these blocks' remainders. */
export interface BlockJoin extends SplitBlocks {
  readonly blockSide: number
}

/**
 * The inner loops of the matrix projection scheme: DynamicShadowsGen steps 3 to 7 and ImgReconstruct steps 2 to 4 for
 * a run of blocks. Two implementations give the same bytes for the same random bytes.
 */
export interface BlockKernel {
  /** @throws NetError `INTERNAL` when {@link MAX_DRAWS} draws did not give a fitting A: the generator is broken */
  split(job: BlockSplit): SplitBlocks
  /** The blocks; a view that the next call overwrites. Wrong vectors give wrong blocks without notice. */
  join(job: BlockJoin): Uint8Array
}

/** How many blocks are worked on at once, one in each lane; the order in which random bytes are used depends on it. */
export const LANES = 4

/**
 * Draws of A for one block before giving up. A remainder fits bytes with probability (256/257)^(m²): 78 % of draws for
 * m = 8, 37 % for 16 and 1.8 % for 32, where 1000 draws would fail once in 10^8 blocks.
 */
export const MAX_DRAWS = 10_000

/** Random bytes are fetched by at most this many: they stay in the cache, and a call costs nothing beside it. */
export const WORD_BYTES = 65_536

/**
 * For how many draws of all lanes to fetch random bytes while `remaining` blocks are to be split; both kernels must use
 * the same number. A draw takes m·r 16-bit words for each lane, and one more for scaling vectors.
 */
export function roundsFor(remaining: number, { blockSide, threshold }: BlockSplit): number {
  const most = Math.floor(WORD_BYTES / drawBytes({ blockSide, threshold }))
  return Math.min(most, Math.ceil((remaining * 1.4) / LANES) + 1)
}

/** Random bytes that one draw of all lanes takes. */
export function drawBytes({ blockSide, threshold }: Pick<BlockSplit, 'blockSide' | 'threshold'>): number {
  return 2 * LANES * (blockSide * threshold + 1)
}
