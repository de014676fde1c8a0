import { NetError } from '../../base/errors.ts'
import { growTo, wasmInstances } from '../../base/wasm.ts'
import { planePlan } from './bit-planes.ts'
import type { ChaosCore } from './core.ts'
import { DNA_ROWS, DNA_ROWS_INVERSE } from './dna.ts'
import { QUANTUM_LAYERS, QUANTUM_LAYERS_INVERSE } from './quantum-gates.ts'
import type { ChaosSeeds } from './seeds.ts'

/** What core.as.ts exports: addresses as globals, and the stages. Regions are byte addresses. */
interface CoreExports {
  readonly memory: WebAssembly.Memory
  readonly layers: WebAssembly.Global<'i32'>
  readonly layersInverse: WebAssembly.Global<'i32'>
  readonly dnaRows: WebAssembly.Global<'i32'>
  readonly dnaRowsInverse: WebAssembly.Global<'i32'>
  readonly seeds: WebAssembly.Global<'i32'>
  readonly free: WebAssembly.Global<'i32'>
  planes(target: number, source: number, length: number, back: number): void
  drawExchanges(words: number, length: number): void
  permute(data: number, words: number, length: number): void
  diffuse(data: number, words: number, length: number): void
  confuse(data: number, words: number, length: number): void
  undiffuse(data: number, length: number): void
  unpermute(data: number, words: number, length: number): void
}

/** Bytes of working memory for each byte of an image: the image itself, and one 32-bit word. */
const MEMORY_FACTOR = 5
const SEED_WORDS = 40
/** Memory for larger images is given back after use: 32 MiB serve all usual slices without being allocated anew. */
const KEPT_BYTES = 32 * 2 ** 20

const newCore = wasmInstances<CoreExports>(new URL('./core.wasm', import.meta.url))
let kept: CoreExports | undefined

/** The chaos core in WebAssembly: the bytes of `typescriptCore`, many times as fast. Memory is kept for the next image. */
export const wasmCore: ChaosCore = Object.freeze({
  scramble<T>(image: Uint8Array, seeds: ChaosSeeds, use: (scrambled: Uint8Array) => T): T {
    return withMemory(image.length, seeds, ({ core, bytes, data, words }) => {
      bytes.set(image, words)
      core.planes(data, words, image.length, 0)
      core.drawExchanges(words, image.length)
      core.permute(data, words, image.length)
      core.diffuse(data, words, image.length)
      core.confuse(data, words, image.length)
      return use(bytes.subarray(data, data + image.length))
    })
  },
  unscramble(scrambled: Uint8Array, seeds: ChaosSeeds): void {
    withMemory(scrambled.length, seeds, ({ core, bytes, data, words }) => {
      bytes.set(scrambled, data)
      core.undiffuse(data, scrambled.length)
      core.drawExchanges(words, scrambled.length)
      core.unpermute(data, words, scrambled.length)
      core.planes(words, data, scrambled.length, 1)
      scrambled.set(bytes.subarray(words, words + scrambled.length))
    })
  }
})

interface Work {
  readonly core: CoreExports
  readonly bytes: Uint8Array
  readonly data: number
  readonly words: number
}

/** Run `action` with seeds in place and memory for `length` bytes, then wipe both. */
function withMemory<T>(length: number, seeds: ChaosSeeds, action: (work: Work) => T): T {
  const core = kept ?? openCore()
  kept = undefined // an image encrypted from within `action` gets memory of its own
  const words = Math.ceil(core.free.value / 16) * 16
  const data = words + 4 * length
  reserve(core.memory, words + MEMORY_FACTOR * length)
  const bytes = new Uint8Array(core.memory.buffer)
  const seedBytes = bytes.subarray(core.seeds.value, core.seeds.value + 4 * SEED_WORDS)
  writeSeeds(seedBytes, seeds, length)
  try {
    return action({ core, bytes, data, words })
  } finally {
    kept = bytes.length > KEPT_BYTES ? undefined : core
    bytes.fill(0, words, words + MEMORY_FACTOR * length)
    bytes.fill(0, core.seeds.value, core.free.value) // seeds and what was drawn from them
  }
}

function reserve(memory: WebAssembly.Memory, bytes: number): void {
  try {
    growTo(memory, bytes)
  } catch (cause) {
    throw new NetError('IMAGE_TOO_LARGE', `no ${bytes} bytes of memory to work in`, { detail: { bytes }, cause })
  }
}

function writeSeeds(target: Uint8Array, seeds: ChaosSeeds, length: number): void {
  const { quantum, permutation, diffusion } = seeds
  const plan = planePlan(seeds.henon, length)
  target.set(seeds.prgKey)
  target.set(seeds.prgNonce, 32)
  const words = new Int32Array(target.buffer, target.byteOffset, SEED_WORDS)
  words.set([quantum.r, quantum.er, quantum.e2], 11)
  words.set([permutation.x, permutation.y, permutation.z, diffusion.x, diffusion.y, diffusion.z], 14)
  words.set([seeds.sineR, seeds.sineX, seeds.iv1, seeds.iv2, ...plan.target, ...plan.offset], 20)
}

function openCore(): CoreExports {
  const core = newCore()
  const bytes = new Uint8Array(core.memory.buffer)
  bytes.set(QUANTUM_LAYERS, core.layers.value)
  bytes.set(QUANTUM_LAYERS_INVERSE, core.layersInverse.value)
  bytes.set(new Uint8Array(DNA_ROWS.buffer), core.dnaRows.value)
  bytes.set(new Uint8Array(DNA_ROWS_INVERSE.buffer), core.dnaRowsInverse.value)
  return core
}
