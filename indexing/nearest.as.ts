// The k nearest codes by Hamming distance (SimImgSearch), exact, ties by image id. Called by packed-codes.ts, which
// owns this module's memory and lays it out:
//   query     at `query`: the code's bytes
//   chunks    from `first`, each of 1,024 codes:
//               64 blocks of 16 codes, byte-sliced: 16 first bytes, 16 second bytes, ...   1,024 * planes bytes
//               the ids' first 8 bytes, each a little-endian u64                            8,192 bytes
//               the ids' other 24 bytes                                                    24,576 bytes
//   listed    at `list`: pairs (slot u32, distance u32) whose distances are known
//   heap      at `heap`: k pairs (slot u32, distance u32); sorted, nearest first, when `nearest` returns

const CHUNK: u32 = 1024
const PREFIX_BYTES: u32 = 8
const REST_BYTES: u32 = 24

let planes: u32 = 0
let chunkBytes: u32 = 0
let first: usize = 0
let heap: usize = 0
let heapSize: u32 = 0
let query: usize = 0

/** Where things are; call once, before `nearest`. */
export function configure(planeCount: u32, queryAt: usize, firstChunk: usize): void {
  planes = planeCount
  query = queryAt
  first = firstChunk
  chunkBytes = CHUNK * (planeCount + PREFIX_BYTES + REST_BYTES)
}

@inline
function prefixAt(slot: u32): usize {
  return first + <usize>(slot / CHUNK) * chunkBytes + CHUNK * planes + (slot % CHUNK) * PREFIX_BYTES
}

@inline
function restAt(slot: u32): usize {
  return first + <usize>(slot / CHUNK) * chunkBytes + CHUNK * (planes + PREFIX_BYTES) + (slot % CHUNK) * REST_BYTES
}

/** Whether id a comes after id b. */
function idAfter(a: u32, b: u32): bool {
  const prefixA = load<u64>(prefixAt(a))
  const prefixB = load<u64>(prefixAt(b))
  if (prefixA != prefixB) return prefixA > prefixB
  for (let i: usize = 0; i < REST_BYTES; i++) {
    const byteA = load<u8>(restAt(a) + i)
    const byteB = load<u8>(restAt(b) + i)
    if (byteA != byteB) return byteA > byteB
  }
  return false
}

/** Whether (slot, distance) ranks after (otherSlot, otherDistance). */
@inline
function ranksAfter(slot: u32, distance: u32, otherSlot: u32, otherDistance: u32): bool {
  return distance != otherDistance ? distance > otherDistance : idAfter(slot, otherSlot)
}

@inline
function slotOf(at: u32): u32 {
  return load<u32>(heap + (<usize>at << 3))
}

@inline
function distanceOf(at: u32): u32 {
  return load<u32>(heap + (<usize>at << 3), 4)
}

@inline
function set(at: u32, slot: u32, distance: u32): void {
  store<u32>(heap + (<usize>at << 3), slot)
  store<u32>(heap + (<usize>at << 3), distance, 4)
}

/** The heap has its last-ranking pair on top. */
function siftUp(slot: u32, distance: u32): void {
  let at = heapSize++
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!ranksAfter(slot, distance, slotOf(parent), distanceOf(parent))) break
    set(at, slotOf(parent), distanceOf(parent))
    at = parent
  }
  set(at, slot, distance)
}

function siftDown(slot: u32, distance: u32, size: u32): void {
  let at: u32 = 0
  for (;;) {
    let child: u32 = 2 * at + 1
    if (child >= size) break
    const right: u32 = child + 1
    if (right < size && ranksAfter(slotOf(right), distanceOf(right), slotOf(child), distanceOf(child))) child = right
    if (!ranksAfter(slotOf(child), distanceOf(child), slot, distance)) break
    set(at, slotOf(child), distanceOf(child))
    at = child
  }
  set(at, slot, distance)
}

function sortHeap(): void {
  for (let last = heapSize - 1; last > 0 && last < heapSize; last--) {
    const slot = slotOf(last)
    const distance = distanceOf(last)
    set(last, slotOf(0), distanceOf(0))
    siftDown(slot, distance, last)
  }
}

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
  return heapSize < k ? 255 : min<u32>(distanceOf(0), 255)
}

/** Offer the lanes of one block that are within reach. */
function offer(block: usize, slot: u32, sums: v128, lanes: u32, k: u32): void {
  store<v128>(scratch, sums)
  while (lanes != 0) {
    const lane = ctz<u32>(lanes)
    lanes &= lanes - 1
    let distance: u32 = load<u8>(scratch + lane)
    if (distance == 255 && planes == 32) distance = exactDistance(block, lane)
    if (heapSize < k) siftUp(slot + lane, distance)
    else if (ranksAfter(slotOf(0), distanceOf(0), slot + lane, distance)) siftDown(slot + lane, distance, k)
  }
}

const scratch: usize = memory.data(16, 16)

/** Rank the first `count` codes against the query; k is 1 or more. Returns how many pairs stand at `heapAt`. */
export function nearest(count: u32, k: u32, heapAt: usize): u32 {
  heap = heapAt
  heapSize = 0
  if (planes == 8) scan8(count, k)
  else scan(count, k)
  sortHeap()
  return heapSize
}

/** Rank listed pairs by distance and id; k is 1 or more. Returns how many pairs stand at `heapAt`. */
export function rankListed(list: usize, count: u32, k: u32, heapAt: usize): u32 {
  heap = heapAt
  heapSize = 0
  for (let end = list + (<usize>count << 3); list < end; list += 8) {
    const slot = load<u32>(list)
    const distance = load<u32>(list, 4)
    if (heapSize < k) siftUp(slot, distance)
    else if (ranksAfter(slotOf(0), distanceOf(0), slot, distance)) siftDown(slot, distance, k)
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
