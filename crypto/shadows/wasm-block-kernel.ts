import { NetError } from '../../base/errors.ts'
import { growTo, wasmInstances } from '../../base/wasm.ts'
import {
  type BlockJoin,
  type BlockKernel,
  type BlockSplit,
  drawBytes,
  MAX_DRAWS,
  roundsFor,
  type SplitBlocks,
  WORD_BYTES
} from './block-kernel.ts'

interface BlockModule {
  readonly memory: WebAssembly.Memory
  readonly wordsAt: WebAssembly.Global
  readonly blocksAt: WebAssembly.Global
  readonly remaindersAt: WebAssembly.Global
  readonly vectorsAt: WebAssembly.Global
  layout(blockSide: number, columns: number, shadows: number, capacity: number, wordBytes: number): number
  prepare(): void
  begin(blocks: number): void
  split(rounds: number, maxDraws: number): number
  join(blocks: number): void
}

const FIRST_BYTE = 65_536 // where the kernel's own memory begins
const newBlockModule = wasmInstances<BlockModule>(new URL('./block-kernel.wasm', import.meta.url))
let kept: BlockModule | undefined

/** The WebAssembly version: four blocks at a time. One per thread, made when first used; its memory is kept between calls. */
export const wasmBlockKernel: BlockKernel = Object.freeze({
  split(job: BlockSplit): SplitBlocks {
    const { blockSide, threshold, total, blocks, random } = job
    const count = blocks.length / (blockSide * blockSide)
    const slots = count + 1 // an idle lane works on a block that nobody reads
    const wasm = kernel()
    const bytes = layOut(wasm, wasm.layout(blockSide, threshold, total, slots, WORD_BYTES))
    bytes.set(blocks, wasm.blocksAt.value)
    wasm.begin(count)
    for (let done = 0; done < count; ) {
      const rounds = roundsFor(count - done, job)
      const from = wasm.wordsAt.value
      random.fill(bytes.subarray(from, from + rounds * drawBytes(job)))
      done = wasm.split(rounds, MAX_DRAWS)
      if (done < 0) throw new NetError('INTERNAL', `no matrix fits in ${MAX_DRAWS} draws`)
    }
    bytes.fill(0, FIRST_BYTE, wasm.blocksAt.value) // every A is a secret
    return regions(wasm, { blockSide, rows: total, slots, count })
  },

  join({ blockSide, vectors, remainders }: BlockJoin): Uint8Array {
    const count = remainders.length / (blockSide * blockSide)
    const wasm = kernel()
    const bytes = layOut(wasm, wasm.layout(blockSide, vectors.length, 1, count, 0))
    const places = regions(wasm, { blockSide, rows: vectors.length, slots: count, count })
    places.remainders.set(remainders)
    vectors.forEach((vector, k) => {
      places.vectors[k].set(vector)
    })
    wasm.join(count)
    const from = wasm.blocksAt.value
    return bytes.subarray(from, from + remainders.length)
  }
})

function kernel(): BlockModule {
  kept ??= newBlockModule()
  return kept
}

function layOut(wasm: BlockModule, end: number): Uint8Array {
  growTo(wasm.memory, end)
  wasm.prepare()
  return new Uint8Array(wasm.memory.buffer)
}

function regions(
  wasm: BlockModule,
  { blockSide, rows, slots, count }: { blockSide: number; rows: number; slots: number; count: number }
): SplitBlocks {
  const bytes = new Uint8Array(wasm.memory.buffer)
  const remainders = wasm.remaindersAt.value
  const vectors = wasm.vectorsAt.value
  return {
    remainders: bytes.subarray(remainders, remainders + count * blockSide * blockSide),
    vectors: Array.from({ length: rows }, (_, k) => {
      const from = vectors + k * slots * blockSide
      return bytes.subarray(from, from + count * blockSide)
    })
  }
}
