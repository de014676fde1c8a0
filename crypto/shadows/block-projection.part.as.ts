// P = A(A'A)^-1 A', found by Gram-Schmidt: with w_k the k-th column made orthogonal to those before it and
// u_k = w_k/(w_k.w_k), P is the sum of w_k u_k'. And the remainder Rd = S - P of four blocks, and back.

import {
  difference,
  firstColumns,
  lanesOf,
  lastColumns,
  loadPair,
  narrowPair,
  P,
  plus,
  reduce,
  storeLanes,
  sum,
  times
} from './block-lanes.part.as'
import {
  blockBytes,
  blocksAt,
  columnBytes,
  columns,
  inverses,
  orthogonal,
  projection,
  remaindersAt,
  scaled,
  shares,
  side
} from './block-layout.part.as'

@inline
function inverseOf(x: v128): v128 {
  let result = i32x4.splat(load<u16>(inverses + 2 * <usize>i32x4.extract_lane(x, 0)))
  result = i32x4.replace_lane(result, 1, load<u16>(inverses + 2 * <usize>i32x4.extract_lane(x, 1)))
  result = i32x4.replace_lane(result, 2, load<u16>(inverses + 2 * <usize>i32x4.extract_lane(x, 2)))
  return i32x4.replace_lane(result, 3, load<u16>(inverses + 2 * <usize>i32x4.extract_lane(x, 3)))
}

/** Gram-Schmidt over the columns at `source`; the answer marks the lanes in which a w_k.w_k vanishes. */
export function orthogonalise(source: usize): v128 {
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
export function project(): void {
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

/** Rd = S - P for the four blocks; the answer marks the lanes with a symbol 256, which no byte holds. */
export function subtractProjection(b0: usize, b1: usize, b2: usize, b3: usize): u32 {
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
export function addProjection(b0: usize, b1: usize, b2: usize, b3: usize): void {
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
