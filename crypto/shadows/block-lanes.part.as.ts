// Arithmetic modulo 257 on four blocks at once, one in each lane. Symbols are 0..256 in 32-bit lanes, so that a sum of
// 32 products (at most 2^21) needs no reduction on the way.

/** The modulus. */
export const P: i32 = 257

@inline
export function fold(x: v128): v128 { // 256 = -1
  return i32x4.sub(v128.and(x, i32x4.splat(255)), i32x4.shr_s(x, 8))
}

/** x modulo 257 for 0 <= x < 2^22. */
@inline
export function reduce(x: v128): v128 {
  const small = fold(fold(x))
  return i32x4.sub(small, v128.and(i32x4.gt_s(small, i32x4.splat(256)), i32x4.splat(P)))
}

/** Lane by lane product of numbers below 2^15: their upper halves are zero, and this is the cheaper instruction. */
@inline
export function times(a: v128, b: v128): v128 {
  return i32x4.dot_i16x8_s(a, b)
}

@inline
export function plus(sum: v128, a: v128, b: v128): v128 {
  return i32x4.add(sum, times(a, b))
}

/** Columns 0 to 3 of eight bytes of each lane: in `a` those of lanes 0 and 1, in `b` those of 2 and 3. */
@inline
export function firstColumns(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 8, 16, 24, 1, 9, 17, 25, 2, 10, 18, 26, 3, 11, 19, 27)
}

@inline
export function lastColumns(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 4, 12, 20, 28, 5, 13, 21, 29, 6, 14, 22, 30, 7, 15, 23, 31)
}

@inline
export function loadPair(first: usize, second: usize): v128 {
  return v128.load64_lane(second, v128.load64_zero(first), 1)
}

/** Eight bytes of each lane from columns 0 to 3 and 4 to 7, written to the four places. */
@inline
export function storeLanes(first: v128, last: v128, p0: usize, p1: usize, p2: usize, p3: usize): void {
  const a = i8x16.shuffle(first, last, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29)
  const b = i8x16.shuffle(first, last, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7, 11, 15, 19, 23, 27, 31)
  v128.store64_lane(p0, a, 0)
  v128.store64_lane(p1, a, 1)
  v128.store64_lane(p2, b, 0)
  v128.store64_lane(p3, b, 1)
}

/** The projections of columns 2q and 2q+1 at `at`, as 16-bit lanes. */
@inline
export function narrowPair(at: usize): v128 {
  return i16x8.narrow_i32x4_u(v128.load(at), v128.load(at, 16))
}

@inline
export function difference(a: v128, b: v128): v128 {
  const d = i16x8.sub(a, b)
  return i16x8.add(d, v128.and(i16x8.shr_s(d, 15), i16x8.splat(<i16>P)))
}

@inline
export function sum(a: v128, b: v128): v128 {
  const d = i16x8.add(a, b)
  return i16x8.sub(d, v128.and(i16x8.gt_s(d, i16x8.splat(256)), i16x8.splat(<i16>P)))
}

/** Which lanes (bits 0 to 3) are marked in a mask of 16-bit lanes (column pair, lane). */
@inline
export function lanesOf(mask: v128): u32 {
  const bits = <u32>i16x8.bitmask(mask)
  return (bits | (bits >> 4)) & 15
}
