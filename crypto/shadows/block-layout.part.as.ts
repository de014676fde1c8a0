// How the memory of the block kernel is laid out. It is filled and read by wasm-block-kernel.ts too.

import { P } from './block-lanes.part.as'

const BASE: usize = 65536

export let side: usize = 0 // m
export let columns: usize = 0 // r
export let shadows: usize = 0 // s
export let columnBytes: usize = 0
export let blockBytes: usize = 0
export let drawBytes: usize = 0
export let slots: usize = 0

export let inverses: usize = 0 // u16 each
export let powers: usize = 0 // (shadow, column): x^k in every lane
export let drawn: usize = 0 // A, or the vectors at hand
export let mixed: usize = 0
export let orthogonal: usize = 0 // w
export let scaled: usize = 0 // u
export let shares: usize = 0 // 257 - b_k.u_j
export let projection: usize = 0
export let laneStates: usize = 0 // (block, draws) of each lane

export let wordsAt: usize = 0
export let blocksAt: usize = 0
export let remaindersAt: usize = 0
export let vectorsAt: usize = 0

/** Lay the memory out; the answer is where it ends. Call `prepare` once it is that large. */
export function layout(m: usize, r: usize, s: usize, capacity: usize, wordBytes: usize): usize {
  side = m
  columns = r
  shadows = s
  slots = capacity
  columnBytes = m << 4
  blockBytes = m * m
  drawBytes = (m * r + 1) * 8
  inverses = BASE
  powers = inverses + 1024
  drawn = powers + ((s * r) << 4)
  mixed = drawn + r * columnBytes
  orthogonal = mixed + r * columnBytes
  scaled = orthogonal + r * columnBytes
  shares = scaled + r * columnBytes
  projection = shares + (r << 4)
  laneStates = projection + m * columnBytes
  wordsAt = laneStates + 64
  blocksAt = wordsAt + wordBytes
  remaindersAt = blocksAt + capacity * blockBytes
  vectorsAt = remaindersAt + capacity * blockBytes
  return vectorsAt + max(s, r) * capacity * m + 64
}

/** Fill the tables: inverses modulo 257, and x^k for x = 1..s. */
export function prepare(): void {
  store<u16>(inverses, 0)
  let value: i32 = 1
  let inverse: i32 = 1
  for (let i = 0; i < 256; i++) { // 3 generates all units, and 86 is 1/3
    store<u16>(inverses + 2 * <usize>value, <u16>inverse)
    value = (value * 3) % P
    inverse = (inverse * 86) % P
  }
  for (let n: usize = 0; n < shadows; n++) {
    let power: i32 = 1
    for (let k: usize = 0; k < columns; k++) {
      v128.store(powers + ((n * columns + k) << 4), i32x4.splat(power))
      power = (power * <i32>(n + 1)) % P
    }
  }
}
