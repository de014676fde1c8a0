// The chaos core of QMS-2 in AssemblyScript: what core.ts does stage by stage. Diffusion and confusion words are drawn in
// one loop, because the Logistic-Sine map alone leaves the processor waiting for its division. Called by wasm-core.ts.
// Memory: one `data` region of n bytes and one `words` region of 4n bytes, both the caller's.

/** Steps made on one stretch of random bytes; small enough for the first-level cache. */
const STRETCH: u64 = 4096
const BURN_IN: u64 = 256

/** 16 tables of 256 bytes each, and their inverses; 2048 rows of DNA results, and their inverses. Filled by the caller. */
export const layers: usize = memory.data(4096)
export const layersInverse: usize = memory.data(4096)
export const dnaRows: usize = memory.data(8192)
export const dnaRowsInverse: usize = memory.data(8192)
// The seeds as 32-bit words: key 0-7, nonce 8-10, R 11, ER 12, E2 13, permutation x y z 14-16, diffusion x y z 17-19,
// sine R 20 and x 21, iv1 22, iv2 23, plane targets 24-31, plane offsets 32-39. From here on all is secret: wiped after use.
export const seeds: usize = memory.data(160)
const random1: usize = memory.data(4480)
const random2: usize = memory.data(4480)
const BLOCK_COUNTER = memory.data(16)

@inline function seed(at: usize): u64 { return <u64>load<u32>(seeds + (at << 2)) }
@inline function signedSeed(at: usize): i64 { return <i64>load<i32>(seeds + (at << 2)) }
@inline function hi(a: u64, b: u64): u64 { return (a * b) >> 32 }
/** Signed high product rounded towards zero, without a branch. */
@inline function his(a: u64, s: i64): i64 {
  const product = <i64>a * s
  return (product + <i64>(<u64>(product >> 63) >> 32)) >> 32
}
@inline function nextX(r: u64, x: u64, y: i64): u64 { return (hi(r, hi(x, x ^ 0xffffffff) << 2) - <u64>his(r, y << 2)) & 0xffffffff }
@inline function cross(x: u64, a: i64, b: i64): i64 { return (his(x ^ 0xffffffff, a) - his(x, b)) << 1 }
@inline function nextY(er: u64, e2: u64, x: u64, y: i64, z: i64): i64 { return his(er, cross(x, y, z)) - his(e2, y) }
@inline function nextZ(er: u64, e2: u64, x: u64, y: i64, z: i64): i64 {
  return his(er, cross(x, z, y)) - <i64>hi(er, x) - his(e2, z)
}
@inline function fmix(word: u32): u32 {
  let h = (word ^ (word >> 16)) * 0x85ebca6b
  h = (h ^ (h >> 13)) * 0xc2b2ae35
  return h ^ (h >> 16)
}
@inline function quantumWord(x: u64, y: i64, z: i64): u32 { return fmix(<u32>x ^ (<u32>y * 0x9e3779b1) ^ rotl<u32>(<u32>z, 13)) }
/** The rational sine never passes 2^32 - 4, and the quotient of two whole doubles below 2^50 and 2^19 rounds down right. */
@inline function nextSine(r: u64, x: u64): u64 {
  const u = hi(x, x ^ 0xffffffff)
  const sine = <u64><i64>(<f64><i64>(u << 20) / <f64><i64>((0x500000000 - (u << 2)) >> 16))
  return (hi(r, u << 2) + hi(0x100000000 - r, sine)) & 0xffffffff
}
@inline function dna(rows: usize, word: u32, byte: u32): u32 {
  const row = load<u32>(rows + ((word >> 6) & 8188))
  const keys = word << 3
  const bits = byte << 1
  return ((row >> ((keys & 24) | (bits & 6))) & 3)
    | (((row >> (((keys >> 2) & 24) | ((bits >> 2) & 6))) & 3) << 2)
    | (((row >> (((keys >> 4) & 24) | ((bits >> 4) & 6))) & 3) << 4)
    | (((row >> (((keys >> 6) & 24) | ((bits >> 6) & 6))) & 3) << 6)
}

@inline function rot16(v: v128): v128 { return v128.shuffle<i8>(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13) }
@inline function rot8(v: v128): v128 { return v128.shuffle<i8>(v, v, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14) }

/** Bytes `offset` to `offset` + `count` of ChaCha20's key stream; returns where in `target` the first one is. */
function chacha(target: usize, offset: u64, count: u64): usize {
  const a0 = i32x4(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574)
  const b0 = v128.load(seeds)
  const c0 = v128.load(seeds + 16)
  let counter = <u32>(offset >> 6)
  let to = target
  const end = target + <usize>((offset & 63) + count)
  for (; to < end; to += 128, counter += 2) {
    store<u32>(BLOCK_COUNTER, counter)
    memory.copy(BLOCK_COUNTER + 4, seeds + 32, 12)
    const d0 = v128.load(BLOCK_COUNTER)
    const e0 = i32x4.add(d0, i32x4(1, 0, 0, 0))
    let a = a0, b = b0, c = c0, d = d0, p = a0, q = b0, r = c0, s = e0
    for (let round = 0; round < 20; round++) {
      a = i32x4.add(a, b); p = i32x4.add(p, q)
      d = rot16(v128.xor(d, a)); s = rot16(v128.xor(s, p))
      c = i32x4.add(c, d); r = i32x4.add(r, s)
      b = v128.xor(b, c); q = v128.xor(q, r)
      b = v128.or(i32x4.shl(b, 12), i32x4.shr_u(b, 20)); q = v128.or(i32x4.shl(q, 12), i32x4.shr_u(q, 20))
      a = i32x4.add(a, b); p = i32x4.add(p, q)
      d = rot8(v128.xor(d, a)); s = rot8(v128.xor(s, p))
      c = i32x4.add(c, d); r = i32x4.add(r, s)
      b = v128.xor(b, c); q = v128.xor(q, r)
      b = v128.or(i32x4.shl(b, 7), i32x4.shr_u(b, 25)); q = v128.or(i32x4.shl(q, 7), i32x4.shr_u(q, 25))
      if (round & 1) { // back from diagonals to columns
        b = v128.shuffle<i32>(b, b, 3, 0, 1, 2); q = v128.shuffle<i32>(q, q, 3, 0, 1, 2)
        d = v128.shuffle<i32>(d, d, 1, 2, 3, 0); s = v128.shuffle<i32>(s, s, 1, 2, 3, 0)
      } else {
        b = v128.shuffle<i32>(b, b, 1, 2, 3, 0); q = v128.shuffle<i32>(q, q, 1, 2, 3, 0)
        d = v128.shuffle<i32>(d, d, 3, 0, 1, 2); s = v128.shuffle<i32>(s, s, 3, 0, 1, 2)
      }
      c = v128.shuffle<i32>(c, c, 2, 3, 0, 1); r = v128.shuffle<i32>(r, r, 2, 3, 0, 1)
    }
    v128.store(to, i32x4.add(a, a0)); v128.store(to, i32x4.add(b, b0), 16)
    v128.store(to, i32x4.add(c, c0), 32); v128.store(to, i32x4.add(d, d0), 48)
    v128.store(to, i32x4.add(p, a0), 64); v128.store(to, i32x4.add(q, b0), 80)
    v128.store(to, i32x4.add(r, c0), 96); v128.store(to, i32x4.add(s, e0), 112)
  }
  return target + <usize>(offset & 63)
}

/** Put bit `from` of `count` bytes at `source` into bit `into` of those at `target`. */
function movePlane(target: usize, source: usize, count: usize, from: i32, into: i32): void {
  const bit = i8x16.splat(<i8>(1 << <i8>from))
  let i: usize = 0
  for (; i + 16 <= count; i += 16) {
    const plane = v128.and(v128.load(source + i), bit)
    const moved = into < from ? i16x8.shr_u(plane, from - into) : i16x8.shl(plane, into - from)
    v128.store(target + i, v128.or(v128.load(target + i), moved))
  }
  for (; i < count; i++) {
    store<u8>(target + i, load<u8>(target + i) | (((load<u8>(source + i) >> <u8>from) & 1) << <u8>into))
  }
}

/** Move one plane, source byte (i + offset) mod n to target byte i for i from `first` to `last`. */
function turnPlane(target: usize, source: usize, n: usize, first: usize, last: usize, offset: usize, from: i32, into: i32): void {
  const wrap = n - offset // from here on the source starts again at 0
  const middle = wrap < first ? first : wrap > last ? last : wrap
  movePlane(target + first, source + first + offset, middle - first, from, into)
  movePlane(target + middle, source + middle - wrap, last - middle, from, into)
}

/** Scramble (or, with `back`, restore) the bit planes of n bytes, a cache-sized piece of the target at a time. */
export function planes(target: usize, source: usize, n: usize, back: bool): void {
  memory.fill(target, 0, n)
  for (let first: usize = 0; first < n; first += 8192) {
    const last = min(n, first + 8192)
    for (let k = 0; k < 8; k++) {
      const into = load<i32>(seeds + 96 + (<usize>k << 2))
      const offset = <usize>load<u32>(seeds + 128 + (<usize>k << 2))
      if (back) turnPlane(target, source, n, first, last, (n - offset) % n, into, k)
      else turnPlane(target, source, n, first, last, offset, k, into)
    }
  }
}

/** Draw the partner with which each byte is exchanged, and put it at its place in `words`. */
export function drawExchanges(words: usize, n: usize): void {
  const r = seed(11), er = seed(12), e2 = seed(13)
  let x = seed(14), y = signedSeed(15), z = signedSeed(16)
  const count = <u64>n + BURN_IN
  for (let step: u64 = 0; step < count; step += STRETCH) {
    const many = <usize>min(STRETCH, count - step)
    const noise = chacha(random1, step, many)
    for (let i: usize = 0; i < many; i++) {
      x ^= <u64>load<u8>(noise + i)
      const nx = nextX(r, x, y), ny = nextY(er, e2, x, y, z)
      z = nextZ(er, e2, x, y, z)
      x = nx; y = ny
      const at = <i64>step + <i64>i - <i64>BURN_IN
      if (at < 0) continue
      const last = <u64>n - 1 - <u64>at // at 0 it is exchanged with itself: one step too many, and harmless
      store<u32>(words + (<usize>last << 2), <u32>hi(<u64>quantumWord(x, y, z), last + 1))
    }
  }
}

/** Permute the n bytes at `data` by the exchanges in `words`. */
export function permute(data: usize, words: usize, n: usize): void {
  for (let at: usize = n; at-- > 1; ) exchange(data + at, data + <usize>load<u32>(words + (at << 2)))
}

/** Undoes {@link permute}: the same exchanges from the last one back. */
export function unpermute(data: usize, words: usize, n: usize): void {
  for (let at: usize = 1; at < n; at++) exchange(data + at, data + <usize>load<u32>(words + (at << 2)))
}

@inline function exchange(a: usize, b: usize): void {
  const byte = load<u8>(a)
  store<u8>(a, load<u8>(b))
  store<u8>(b, byte)
}

/** Forward diffusion. What the two later stages need of each diffusion and confusion word goes to `words`, in one word. */
export function diffuse(data: usize, words: usize, n: usize): void {
  const r = seed(11), er = seed(12), e2 = seed(13), sineR = seed(20)
  let x = seed(17), y = signedSeed(18), z = signedSeed(19)
  let sineX = seed(21)
  let carry = <u32>seed(22)
  const count = <u64>n + BURN_IN
  for (let step: u64 = 0; step < count; step += STRETCH) {
    const many = <usize>min(STRETCH, count - step)
    const noise = chacha(random1, count - 1 + step, many)
    const sineNoise = chacha(random2, 2 * count - 1 + step, many)
    for (let i: usize = 0; i < many; i++) {
      sineX = nextSine(sineR, sineX ^ <u64>load<u8>(sineNoise + i))
      x ^= <u64>load<u8>(noise + i)
      const nx = nextX(r, x, y), ny = nextY(er, e2, x, y, z)
      z = nextZ(er, e2, x, y, z)
      x = nx; y = ny
      const at = <i64>step + <i64>i - <i64>BURN_IN
      if (at < 0) continue
      const word = quantumWord(x, y, z)
      carry = load<u8>(layers + (word & 0xf00) + (((<u32>load<u8>(data + <usize>at) + carry) ^ word) & 255))
      store<u8>(data + <usize>at, <u8>carry)
      store<u32>(words + (<usize>at << 2), (fmix(<u32>sineX) & 0x7ffff) | ((word >> 12) << 20))
    }
  }
}

/** Backward diffusion, and confusion of each byte once it is diffused. */
export function confuse(data: usize, words: usize, n: usize): void {
  let carry = <u32>seed(23)
  for (let at: usize = n; at-- > 0; ) {
    const word = load<u32>(words + (at << 2))
    carry = load<u8>(layers + ((word >> 12) & 0xf00) + (((<u32>load<u8>(data + at) ^ carry) + (word >> 24)) & 255))
    store<u8>(data + at, <u8>dna(dnaRows, word, carry))
  }
}

/** Undoes confusion and both diffusions in one pass: byte i only needs byte i + 1 unconfused and byte i - 1 half diffused. */
export function undiffuse(data: usize, n: usize): void {
  const r = seed(11), er = seed(12), e2 = seed(13), sineR = seed(20)
  let x = seed(17), y = signedSeed(18), z = signedSeed(19)
  let sineX = seed(21)
  let word: u32 = 0, byte: u32 = 0 // the diffusion word and diffused byte one place back
  let previous = <u32>seed(22)
  const count = <u64>n + BURN_IN
  for (let step: u64 = 0; step < count; step += STRETCH) {
    const many = <usize>min(STRETCH, count - step)
    const noise = chacha(random1, count - 1 + step, many)
    const sineNoise = chacha(random2, 2 * count - 1 + step, many)
    for (let i: usize = 0; i < many; i++) {
      sineX = nextSine(sineR, sineX ^ <u64>load<u8>(sineNoise + i))
      x ^= <u64>load<u8>(noise + i)
      const nx = nextX(r, x, y), ny = nextY(er, e2, x, y, z)
      z = nextZ(er, e2, x, y, z)
      x = nx; y = ny
      const at = <i64>step + <i64>i - <i64>BURN_IN
      if (at < 0) continue
      const next = dna(dnaRowsInverse, fmix(<u32>sineX), <u32>load<u8>(data + <usize>at))
      if (at > 0) previous = undiffuseByte(data + <usize>at - 1, word, byte, next, previous)
      word = quantumWord(x, y, z)
      byte = next
    }
  }
  if (n > 0) undiffuseByte(data + n - 1, word, byte, <u32>seed(23), previous)
}

/** Undo both diffusions of one byte, store it at `to`, and return the byte between the two. */
@inline function undiffuseByte(to: usize, word: u32, byte: u32, next: u32, previous: u32): u32 {
  const middle = ((<u32>load<u8>(layersInverse + ((word >> 4) & 0xf00) + byte) - (word >> 16)) ^ next) & 255
  store<u8>(to, <u8>((<u32>load<u8>(layersInverse + (word & 0xf00) + middle) ^ word) - previous))
  return middle
}

/** Where free memory starts. */
export const free: usize = __heap_base
