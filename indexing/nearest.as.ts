// The k nearest codes by Hamming distance (SimImgSearch), exact, ties by image id. Called by packed-codes.ts; how the
// memory is laid out stands in nearest-heap.part.as.ts.

import {
  CHUNK,
  chunkBytes,
  consider,
  emptyHeap,
  first,
  firstAt,
  heap,
  heapSize,
  planes,
  prefixAt,
  query,
  sortHeap
} from './nearest-heap.part.as'

export { configure } from './nearest-heap.part.as'

/** Exact distance of one code: 256-bit codes reach 256, which the vector sum cannot tell from 255. */
function exactDistance(block: usize, lane: u32): u32 {
  let distance: u32 = 0
  for (let plane: u32 = 0; plane < planes; plane++) {
    distance += popcnt<u32>(load<u8>(block + plane * 16 + lane) ^ load<u8>(query + plane))
  }
  return distance
}

@inline
function differing(block: usize, plane: u32): v128 {
  return i8x16.popcnt(v128.xor(v128.load(block + plane * 16), v128.load_splat<u8>(query + plane)))
}

@inline
function differingFrom(block: usize, plane: u32, splat: v128): v128 {
  return i8x16.popcnt(v128.xor(v128.load(block + plane * 16), splat))
}

/** The largest distance, capped at 255, that a code must not exceed to matter. */
@inline
function reach(k: u32): u32 {
  return heapSize < k ? 255 : min<u32>(load<u32>(heap, 12), 255)
}

/** Consider the lanes of one block that are within reach. */
@inline
function offer(block: usize, slot: u32, sums: v128, within: u32, k: u32): void {
  const lanes = heapSize < k ? within : withoutLateTies(slot, sums, within)
  if (lanes != 0) offerEach(block, slot, sums, lanes, k)
}

/** Without the lanes at the last entry's distance whose ids' first bytes already say that they come after it. */
@inline
function withoutLateTies(slot: u32, sums: v128, lanes: u32): u32 {
  const distance = load<u32>(heap, 12)
  if (distance >= 255) return lanes // the sums do not tell 255 from 256
  const late = i8x16.gt_u(v128.load(firstAt(slot)), i8x16.splat(<i8>(load<u64>(heap) >> 56)))
  return lanes & ~i8x16.bitmask(v128.and(late, i8x16.eq(sums, i8x16.splat(<i8>distance))))
}

function offerEach(block: usize, slot: u32, sums: v128, within: u32, k: u32): void {
  let lanes = within
  store<v128>(scratch, sums)
  const prefixes = prefixAt(slot) // the 16 of a block stand side by side
  while (lanes != 0) {
    const lane = ctz<u32>(lanes)
    lanes &= lanes - 1
    let distance: u32 = load<u8>(scratch + lane)
    if (distance == 255 && planes == 32) distance = exactDistance(block, lane)
    consider(distance, load<u64>(prefixes + (<usize>lane << 3)), slot + lane, k)
  }
}

const scratch: usize = memory.data(16, 16)

/** Rank the first `count` codes against the query; k is 1 or more. Returns how many entries stand at `heapAt`. */
export function nearest(count: u32, k: u32, heapAt: usize): u32 {
  emptyHeap(heapAt)
  if (planes == 8) scan8(count, k)
  else scan(count, k)
  sortHeap()
  return heapSize
}

/** Rank listed slots, all at one distance, by their ids; k is 1 or more. Returns how many entries stand at `heapAt`. */
export function rankListed(list: usize, count: u32, distance: u32, k: u32, heapAt: usize): u32 {
  emptyHeap(heapAt)
  for (let end = list + (<usize>count << 2); list < end; list += 4) {
    const slot = load<u32>(list)
    consider(distance, load<u64>(prefixAt(slot)), slot, k)
  }
  sortHeap()
  return heapSize
}

function scan(count: u32, k: u32): void {
  const blockBytes: usize = 16 * planes
  let limit = i8x16.splat(<i8>reach(k))
  for (let slot: u32 = 0; slot < count; slot += 16) {
    const block = first + <usize>(slot / CHUNK) * chunkBytes + <usize>((slot % CHUNK) >> 4) * blockBytes
    let sums = differing(block, 0)
    for (let plane: u32 = 1; plane < planes; plane++) sums = i8x16.add_sat_u(sums, differing(block, plane))
    let lanes: u32 = i8x16.bitmask(i8x16.le_u(sums, limit))
    if (lanes == 0) continue
    if (slot + 16 > count) lanes &= (1 << (count - slot)) - 1
    offer(block, slot, sums, lanes, k)
    limit = i8x16.splat(<i8>reach(k))
  }
}

/** 64-bit codes: the same with the query kept in registers and no inner loop. */
function scan8(count: u32, k: u32): void {
  const q0 = v128.load_splat<u8>(query, 0)
  const q1 = v128.load_splat<u8>(query, 1)
  const q2 = v128.load_splat<u8>(query, 2)
  const q3 = v128.load_splat<u8>(query, 3)
  const q4 = v128.load_splat<u8>(query, 4)
  const q5 = v128.load_splat<u8>(query, 5)
  const q6 = v128.load_splat<u8>(query, 6)
  const q7 = v128.load_splat<u8>(query, 7)
  let limit = i8x16.splat(<i8>reach(k))
  let chunk = first
  for (let start: u32 = 0; start < count; start += CHUNK) {
    const end = min<u32>(start + CHUNK, count)
    let block = chunk
    for (let slot = start; slot < end; slot += 16) {
      const a = i8x16.add(differingFrom(block, 0, q0), differingFrom(block, 1, q1))
      const b = i8x16.add(differingFrom(block, 2, q2), differingFrom(block, 3, q3))
      const c = i8x16.add(differingFrom(block, 4, q4), differingFrom(block, 5, q5))
      const d = i8x16.add(differingFrom(block, 6, q6), differingFrom(block, 7, q7))
      const sums = i8x16.add(i8x16.add(a, b), i8x16.add(c, d))
      let lanes: u32 = i8x16.bitmask(i8x16.le_u(sums, limit))
      if (lanes != 0) {
        if (slot + 16 > count) lanes &= (1 << (count - slot)) - 1
        offer(block, slot, sums, lanes, k)
        limit = i8x16.splat(<i8>reach(k))
      }
      block += 128
    }
    chunk += chunkBytes
  }
}
