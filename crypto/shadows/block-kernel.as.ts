// Splits blocks by Bai's matrix projection modulo 257, and joins them again; four blocks at a time, one in each lane.
// Splitting and joining share one memory and the projection, so they are one module.

import { firstColumns, fold, lanesOf, lastColumns, loadPair, P, plus, reduce, storeLanes } from './block-lanes.part.as'
import {
  blockBytes,
  blocksAt,
  columnBytes,
  columns,
  drawBytes,
  drawn,
  laneStates,
  mixed,
  powers,
  remaindersAt,
  shadows,
  side,
  slots,
  vectorsAt,
  wordsAt
} from './block-layout.part.as'
import { addProjection, orthogonalise, project, subtractProjection } from './block-projection.part.as'

export { blocksAt, layout, prepare, remaindersAt, vectorsAt, wordsAt } from './block-layout.part.as'

const MIX_ATTEMPTS: i32 = 64

let next: u32 = 0
let count: u32 = 0
let done: u32 = 0

/** v_n = A z_n, scaled to fit bytes, for every shadow, written at the lanes' blocks. */
function writeVectors(factors: usize): void {
  for (let n: usize = 0; n < shadows; n++) {
    let unfit = i16x8.splat(0)
    const top = i16x8.splat(256)
    const place = vectorsAt + n * slots * side
    for (let i: usize = 0; i < columnBytes; i += 128) {
      const d0 = vectorRows(n, i)
      const d1 = vectorRows(n, i + 32)
      const d2 = vectorRows(n, i + 64)
      const d3 = vectorRows(n, i + 96)
      unfit = v128.or(unfit, v128.or(v128.or(i16x8.eq(d0, top), i16x8.eq(d1, top)), v128.or(i16x8.eq(d2, top), i16x8.eq(d3, top))))
      const to = place + (i >> 4)
      storeLanes(
        i8x16.narrow_i16x8_u(d0, d1),
        i8x16.narrow_i16x8_u(d2, d3),
        to + blockOf(0) * side,
        to + blockOf(1) * side,
        to + blockOf(2) * side,
        to + blockOf(3) * side
      )
    }
    const lanes = lanesOf(unfit)
    if (lanes == 0) continue
    for (let lane: usize = 0; lane < 4; lane++) {
      if (lanes & (1 << <u32>lane)) writeScaled(n, lane, place + blockOf(lane) * side, load<u16>(factors + (lane << 1)))
    }
  }
}

/** Two rows of v_n, as 16-bit lanes. */
@inline
function vectorRows(n: usize, row: usize): v128 {
  let a = i32x4.splat(0)
  let b = a
  let power = powers + ((n * columns) << 4)
  let column = drawn + row
  for (let k: usize = 0; k < columns; k++) {
    const x = v128.load(power)
    a = plus(a, x, v128.load(column))
    b = plus(b, x, v128.load(column, 16))
    power += 16
    column += columnBytes
  }
  return i16x8.narrow_i32x4_u(reduce(a), reduce(b))
}

/** One lane's v_n times the first factor from a random one on with which no symbol is 256: it spans the same line. */
function writeScaled(n: usize, lane: usize, to: usize, start: i32): void {
  for (let step: i32 = 0; step < 256; step++) {
    const factor = ((start + step) & 255) + 1
    let fits = true
    for (let i: usize = 0; i < side && fits; i++) {
      let symbol: i32 = 0
      for (let k: usize = 0; k < columns; k++) {
        const x = load<i32>(powers + ((n * columns + k) << 4))
        symbol += x * load<i32>(drawn + k * columnBytes + (i << 4) + (lane << 2))
      }
      symbol = ((symbol % P) * factor) % P
      store<u8>(to + i, <u8>symbol)
      fits = symbol != 256
    }
    if (fits) return
  }
}

@inline
function blockOf(lane: usize): usize {
  return <usize>load<u32>(laneStates + (lane << 3))
}

function takeBlock(lane: usize): void {
  const idle = <u32>slots - 1
  store<u32>(laneStates + (lane << 3), next < count ? next++ : idle)
  store<u32>(laneStates + (lane << 3), 0, 4)
}

/** Give the four lanes the first of `blocks` blocks. */
export function begin(blocks: u32): void {
  next = 0
  done = 0
  count = blocks
  for (let lane: usize = 0; lane < 4; lane++) takeBlock(lane)
}

/** A from 16-bit words; the answer marks the lanes with a word 65535, which would make 0 likelier than the rest. */
function draw(words: usize): v128 {
  let uneven = i32x4.splat(0)
  const size = columns * columnBytes
  for (let at: usize = 0; at < size; at += 16) {
    const word = v128.load_ext<u16>(words + (at >> 1))
    uneven = v128.or(uneven, i32x4.eq(word, i32x4.splat(65535)))
    const symbol = fold(word)
    v128.store(drawn + at, i32x4.add(symbol, v128.and(i32x4.shr_s(symbol, 31), i32x4.splat(P))))
  }
  return uneven
}

/** Work through `rounds` draws for each lane; the answer is how many blocks are done, or -1 after too many draws of one. */
export function split(rounds: i32, maxDraws: u32): i32 {
  for (let round: i32 = 0; round < rounds && done < count; round++) {
    const words = wordsAt + <usize>round * drawBytes
    const uneven = draw(words)
    const isotropic = orthogonalise(drawn)
    project()
    const unfit = subtractProjection(
      blocksAt + blockOf(0) * blockBytes,
      blocksAt + blockOf(1) * blockBytes,
      blocksAt + blockOf(2) * blockBytes,
      blocksAt + blockOf(3) * blockBytes
    )
    const refused = unfit | <u32>i32x4.bitmask(v128.or(uneven, isotropic))
    if (refused != 15) writeVectors(words + drawBytes - 8)
    for (let lane: usize = 0; lane < 4; lane++) {
      if (blockOf(lane) == slots - 1) continue
      if (refused & (1 << <u32>lane)) {
        const draws = load<u32>(laneStates + (lane << 3), 4) + 1
        if (draws == maxDraws) return -1
        store<u32>(laneStates + (lane << 3), draws, 4)
      } else {
        done++
        takeBlock(lane)
      }
    }
  }
  return <i32>done
}

/** The vectors of four blocks as columns. */
function gatherColumns(b0: usize, b1: usize, b2: usize, b3: usize): void {
  for (let k: usize = 0; k < columns; k++) {
    const from = vectorsAt + k * slots * side
    for (let i: usize = 0; i < side; i += 8) {
      const a = loadPair(from + b0 * side + i, from + b1 * side + i)
      const b = loadPair(from + b2 * side + i, from + b3 * side + i)
      const to = drawn + k * columnBytes + (i << 4)
      widen(to, firstColumns(a, b))
      widen(to + 64, lastColumns(a, b))
    }
  }
}

@inline
function widen(to: usize, bytes: v128): void {
  const low = i16x8.extend_low_i8x16_u(bytes)
  const high = i16x8.extend_high_i8x16_u(bytes)
  v128.store(to, i32x4.extend_low_i16x8_u(low))
  v128.store(to, i32x4.extend_high_i16x8_u(low), 16)
  v128.store(to, i32x4.extend_low_i16x8_u(high), 32)
  v128.store(to, i32x4.extend_high_i16x8_u(high), 48)
}

/** Other columns with the same span: the `attempt`-th set of values of the polynomial with these coefficients. */
function mix(attempt: i32): void {
  for (let j: usize = 0; j < columns; j++) {
    const x = i32x4.splat((attempt * <i32>columns + <i32>j) % P)
    for (let i: usize = 0; i < columnBytes; i += 16) {
      let value = i32x4.splat(0)
      for (let k = <isize>columns - 1; k >= 0; k--) {
        value = reduce(plus(v128.load(drawn + <usize>k * columnBytes + i), value, x))
      }
      v128.store(mixed + j * columnBytes + i, value)
    }
  }
}

/** Join `blocks` blocks from the vectors and remainders laid down. */
export function join(blocks: usize): void {
  const last = blocks - 1
  for (let b0: usize = 0; b0 < blocks; b0 += 4) {
    const b1 = min(b0 + 1, last)
    const b2 = min(b0 + 2, last)
    const b3 = min(b0 + 3, last)
    gatherColumns(b0, b1, b2, b3)
    let isotropic = v128.any_true(orthogonalise(drawn))
    for (let attempt = 1; isotropic && attempt <= MIX_ATTEMPTS; attempt++) {
      mix(attempt)
      isotropic = v128.any_true(orthogonalise(mixed))
    }
    project()
    addProjection(
      blocksAt + b0 * blockBytes,
      blocksAt + b1 * blockBytes,
      blocksAt + b2 * blockBytes,
      blocksAt + b3 * blockBytes
    )
  }
}
