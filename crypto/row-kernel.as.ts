// Weighted sums of byte rows over GF(2^8), 16 columns at a time: a product by a constant is two 16-entry table look-ups
// (one per nibble), which is what i8x16.swizzle does. Memory is laid out by row-kernel.ts.

/** Product tables: 32 bytes for each constant c, c·n and then c·16n for n = 0..15. */
const TABLES: usize = 65536

@inline
function product(table: usize, low: v128, high: v128): v128 {
  return v128.xor(i8x16.swizzle(v128.load(table), low), i8x16.swizzle(v128.load(table, 16), high))
}

@inline
function tableOf(weights: usize, row: usize): usize {
  return TABLES + 32 * <usize>load<u8>(weights + row)
}

/** outs[p] = sum over j of weights[p][j]·rows[j]; rows and outs are `stride` bytes apart, weights `rowCount`. */
export function combine(rows: usize, rowCount: usize, outs: usize, outCount: usize, weights: usize, stride: usize, length: usize): void {
  let p: usize = 0
  for (; p + 4 <= outCount; p += 4) combineFour(rows, rowCount, outs + p * stride, weights + p * rowCount, stride, length)
  for (; p < outCount; p++) combineOne(rows, rowCount, outs + p * stride, weights + p * rowCount, stride, length)
}

function combineFour(rows: usize, rowCount: usize, out: usize, weights: usize, stride: usize, length: usize): void {
  const mask = i8x16.splat(15)
  for (let at: usize = 0; at < length; at += 16) {
    let a = i8x16.splat(0)
    let b = a
    let c = a
    let d = a
    for (let j: usize = 0; j < rowCount; j++) {
      const value = v128.load(rows + j * stride + at)
      const low = v128.and(value, mask)
      const high = i8x16.shr_u(value, 4)
      a = v128.xor(a, product(tableOf(weights, j), low, high))
      b = v128.xor(b, product(tableOf(weights + rowCount, j), low, high))
      c = v128.xor(c, product(tableOf(weights + 2 * rowCount, j), low, high))
      d = v128.xor(d, product(tableOf(weights + 3 * rowCount, j), low, high))
    }
    v128.store(out + at, a)
    v128.store(out + stride + at, b)
    v128.store(out + 2 * stride + at, c)
    v128.store(out + 3 * stride + at, d)
  }
}

function combineOne(rows: usize, rowCount: usize, out: usize, weights: usize, stride: usize, length: usize): void {
  const mask = i8x16.splat(15)
  for (let at: usize = 0; at < length; at += 16) {
    let sum = i8x16.splat(0)
    for (let j: usize = 0; j < rowCount; j++) {
      const value = v128.load(rows + j * stride + at)
      sum = v128.xor(sum, product(tableOf(weights, j), v128.and(value, mask), i8x16.shr_u(value, 4)))
    }
    v128.store(out + at, sum)
  }
}
