// Splits blocks by Bai's matrix projection modulo 257, and joins them again; four blocks at a time, one in each lane.
// Symbols are 0..256 in 32-bit lanes, so that a sum of 32 products (at most 2^21) needs no reduction on the way.
// P = A(A'A)^-1 A' is found by Gram-Schmidt: with w_k the k-th column made orthogonal to those before it and
// u_k = w_k/(w_k.w_k), P is the sum of w_k u_k'. Splitting and joining share that and one memory, so they are one module
// and, as each `.as.ts` file becomes a module of its own, one file. Memory is laid out here, filled and read by wasm-block-kernel.ts.

const P: i32 = 257
const BASE: usize = 65536
const MIX_ATTEMPTS: i32 = 64

let side: usize = 0 // m
let columns: usize = 0 // r
let shadows: usize = 0 // s
let columnBytes: usize = 0
let blockBytes: usize = 0
let drawBytes: usize = 0
let slots: usize = 0

let inverses: usize = 0 // u16 each
let powers: usize = 0 // (shadow, column): x^k in every lane
let drawn: usize = 0 // A, or the vectors at hand
let mixed: usize = 0
let orthogonal: usize = 0 // w
let scaled: usize = 0 // u
let shares: usize = 0 // 257 - b_k.u_j
let projection: usize = 0
let hands: usize = 0 // (block, draws) of each lane

export let wordsAt: usize = 0
export let blocksAt: usize = 0
export let remaindersAt: usize = 0
export let vectorsAt: usize = 0

let next: u32 = 0
let count: u32 = 0
let done: u32 = 0

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
  hands = projection + m * columnBytes
  wordsAt = hands + 64
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

@inline
function fold(x: v128): v128 { // 256 = -1
  return i32x4.sub(v128.and(x, i32x4.splat(255)), i32x4.shr_s(x, 8))
}

/** x modulo 257 for 0 <= x < 2^22. */
@inline
function reduce(x: v128): v128 {
  const small = fold(fold(x))
  return i32x4.sub(small, v128.and(i32x4.gt_s(small, i32x4.splat(256)), i32x4.splat(P)))
}

/** Lane by lane product of numbers below 2^15: their upper halves are zero, and this is the cheaper instruction. */
@inline
function times(a: v128, b: v128): v128 {
  return i32x4.dot_i16x8_s(a, b)
}

@inline
function plus(sum: v128, a: v128, b: v128): v128 {
  return i32x4.add(sum, times(a, b))
}

@inline
function inverseOf(x: v128): v128 {
  let result = i32x4.splat(load<u16>(inverses + 2 * <usize>i32x4.extract_lane(x, 0)))
  result = i32x4.replace_lane(result, 1, load<u16>(inverses + 2 * <usize>i32x4.extract_lane(x, 1)))
  result = i32x4.replace_lane(result, 2, load<u16>(inverses + 2 * <usize>i32x4.extract_lane(x, 2)))
  return i32x4.replace_lane(result, 3, load<u16>(inverses + 2 * <usize>i32x4.extract_lane(x, 3)))
}

/** Gram-Schmidt over the columns at `source`; the answer marks the lanes in which a w_k.w_k vanishes. */
function orthogonalise(source: usize): v128 {
  let isotropic = i32x4.splat(0)
  for (let k: usize = 0; k < columns; k++) {
    const column = source + k * columnBytes
    const w = orthogonal + k * columnBytes
    const u = scaled + k * columnBytes
    for (let j: usize = 0; j < k; j++) {
      const other = scaled + j * columnBytes
      let even = i32x4.splat(0)
      let odd = even
      for (let i: usize = 0; i < columnBytes; i += 64) {
        even = plus(even, v128.load(column + i), v128.load(other + i))
        odd = plus(odd, v128.load(column + i, 16), v128.load(other + i, 16))
        even = plus(even, v128.load(column + i, 32), v128.load(other + i, 32))
        odd = plus(odd, v128.load(column + i, 48), v128.load(other + i, 48))
      }
      v128.store(shares + (j << 4), i32x4.sub(i32x4.splat(P), reduce(i32x4.add(even, odd))))
    }
    let norm = i32x4.splat(0)
    for (let i: usize = 0; i < columnBytes; i += 64) {
      let a = v128.load(column + i)
      let b = v128.load(column + i, 16)
      let c = v128.load(column + i, 32)
      let d = v128.load(column + i, 48)
      let other = orthogonal + i
      for (let j: usize = 0; j < k; j++) {
        const share = v128.load(shares + (j << 4))
        a = plus(a, share, v128.load(other))
        b = plus(b, share, v128.load(other, 16))
        c = plus(c, share, v128.load(other, 32))
        d = plus(d, share, v128.load(other, 48))
        other += columnBytes
      }
      a = reduce(a)
      b = reduce(b)
      c = reduce(c)
      d = reduce(d)
      v128.store(w + i, a)
      v128.store(w + i, b, 16)
      v128.store(w + i, c, 32)
      v128.store(w + i, d, 48)
      norm = plus(plus(plus(plus(norm, a, a), b, b), c, c), d, d)
    }
    norm = reduce(norm)
    isotropic = v128.or(isotropic, i32x4.eq(norm, i32x4.splat(0)))
    const inverse = inverseOf(norm)
    for (let i: usize = 0; i < columnBytes; i += 16) v128.store(u + i, reduce(times(v128.load(w + i), inverse)))
  }
  return isotropic
}

/** P from w and u: tiles of 2 rows and 4 columns on and above the diagonal, mirrored below it. */
function project(): void {
  for (let i: usize = 0; i < side; i += 2) {
    for (let j: usize = i & ~3; j < side; j += 4) {
      let a0 = i32x4.splat(0)
      let a1 = a0
      let a2 = a0
      let a3 = a0
      let b0 = a0
      let b1 = a0
      let b2 = a0
      let b3 = a0
      let w = orthogonal + (i << 4)
      let u = scaled + (j << 4)
      for (let k: usize = 0; k < columns; k++) {
        const wa = v128.load(w)
        const wb = v128.load(w, 16)
        const u0 = v128.load(u)
        const u1 = v128.load(u, 16)
        const u2 = v128.load(u, 32)
        const u3 = v128.load(u, 48)
        a0 = plus(a0, wa, u0)
        a1 = plus(a1, wa, u1)
        a2 = plus(a2, wa, u2)
        a3 = plus(a3, wa, u3)
        b0 = plus(b0, wb, u0)
        b1 = plus(b1, wb, u1)
        b2 = plus(b2, wb, u2)
        b3 = plus(b3, wb, u3)
        w += columnBytes
        u += columnBytes
      }
      setPair(i, j, reduce(a0), reduce(b0))
      setPair(i, j + 1, reduce(a1), reduce(b1))
      setPair(i, j + 2, reduce(a2), reduce(b2))
      setPair(i, j + 3, reduce(a3), reduce(b3))
    }
  }
}

@inline
function setPair(i: usize, j: usize, upper: v128, lower: v128): void {
  const at = projection + i * columnBytes + (j << 4)
  v128.store(at, upper)
  v128.store(at + columnBytes, lower)
  const mirror = projection + j * columnBytes + (i << 4)
  v128.store(mirror, upper)
  v128.store(mirror, lower, 16)
}

/** Columns 0 to 3 of eight bytes of each lane: in `a` those of lanes 0 and 1, in `b` those of 2 and 3. */
@inline
function firstColumns(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27)
}

@inline
function lastColumns(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31)
}

@inline
function loadPair(first: usize, second: usize): v128 {
  return v128.load64_lane(second, v128.load64_zero(first), 1)
}

/** Eight bytes of each lane from columns 0 to 3 and 4 to 7, written to the four places. */
@inline
function storeLanes(first: v128, last: v128, p0: usize, p1: usize, p2: usize, p3: usize): void {
  const a = i8x16.shuffle(first, last, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29)
  const b = i8x16.shuffle(first, last, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31)
  v128.store64_lane(p0, a, 0)
  v128.store64_lane(p1, a, 1)
  v128.store64_lane(p2, b, 0)
  v128.store64_lane(p3, b, 1)
}

/** The projections of columns 2q and 2q+1 at `at`, as 16-bit lanes. */
@inline
function narrowPair(at: usize): v128 {
  return i16x8.narrow_i32x4_u(v128.load(at), v128.load(at, 16))
}

@inline
function difference(a: v128, b: v128): v128 {
  const d = i16x8.sub(a, b)
  return i16x8.add(d, v128.and(i16x8.shr_s(d, 15), i16x8.splat(<i16>P)))
}

@inline
function sum(a: v128, b: v128): v128 {
  const d = i16x8.add(a, b)
  return i16x8.sub(d, v128.and(i16x8.gt_s(d, i16x8.splat(256)), i16x8.splat(<i16>P)))
}

/** Which lanes (bits 0 to 3) are marked in a mask of 16-bit lanes (column pair, lane). */
@inline
function lanesOf(mask: v128): u32 {
  const bits = <u32>i16x8.bitmask(mask)
  return (bits | (bits >> 4)) & 15
}

/** Rd = S - P for the four blocks; the answer marks the lanes with a symbol 256, which no byte holds. */
function subtractProjection(b0: usize, b1: usize, b2: usize, b3: usize): u32 {
  let unfit = i16x8.splat(0)
  const offset = remaindersAt - blocksAt
  const top = i16x8.splat(256)
  let p = projection
  for (let at: usize = 0; at < blockBytes; at += 8) {
    const a = loadPair(b0 + at, b1 + at)
    const b = loadPair(b2 + at, b3 + at)
    const first = firstColumns(a, b)
    const last = lastColumns(a, b)
    const d0 = difference(i16x8.extend_low_i8x16_u(first), narrowPair(p))
    const d1 = difference(i16x8.extend_high_i8x16_u(first), narrowPair(p + 32))
    const d2 = difference(i16x8.extend_low_i8x16_u(last), narrowPair(p + 64))
    const d3 = difference(i16x8.extend_high_i8x16_u(last), narrowPair(p + 96))
    unfit = v128.or(unfit, v128.or(v128.or(i16x8.eq(d0, top), i16x8.eq(d1, top)), v128.or(i16x8.eq(d2, top), i16x8.eq(d3, top))))
    const to = at + offset
    storeLanes(i8x16.narrow_i16x8_u(d0, d1), i8x16.narrow_i16x8_u(d2, d3), b0 + to, b1 + to, b2 + to, b3 + to)
    p += 128
  }
  return lanesOf(unfit)
}

/** S = Rd + P for the four blocks. */
function addProjection(b0: usize, b1: usize, b2: usize, b3: usize): void {
  const offset = remaindersAt - blocksAt
  let p = projection
  for (let at: usize = 0; at < blockBytes; at += 8) {
    const from = at + offset
    const a = loadPair(b0 + from, b1 + from)
    const b = loadPair(b2 + from, b3 + from)
    const first = firstColumns(a, b)
    const last = lastColumns(a, b)
    const d0 = sum(i16x8.extend_low_i8x16_u(first), narrowPair(p))
    const d1 = sum(i16x8.extend_high_i8x16_u(first), narrowPair(p + 32))
    const d2 = sum(i16x8.extend_low_i8x16_u(last), narrowPair(p + 64))
    const d3 = sum(i16x8.extend_high_i8x16_u(last), narrowPair(p + 96))
    storeLanes(i8x16.narrow_i16x8_u(d0, d1), i8x16.narrow_i16x8_u(d2, d3), b0 + at, b1 + at, b2 + at, b3 + at)
    p += 128
  }
}

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
  return <usize>load<u32>(hands + (lane << 3))
}

function takeBlock(lane: usize): void {
  const idle = <u32>slots - 1
  store<u32>(hands + (lane << 3), next < count ? next++ : idle)
  store<u32>(hands + (lane << 3), 0, 4)
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
        const draws = load<u32>(hands + (lane << 3), 4) + 1
        if (draws == maxDraws) return -1
        store<u32>(hands + (lane << 3), draws, 4)
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
