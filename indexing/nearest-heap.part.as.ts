// The memory of nearest.as.ts, which packed-codes.ts owns and lays out, and the heap of the k that rank first so far:
//   query     at `query`: the code's bytes
//   chunks    from `first`, each of 1,024 codes:
//               64 blocks of 16 codes, byte-sliced: 16 first bytes, 16 second bytes, ...   1,024 * planes bytes
//               the ids' first bytes                                                        1,024 bytes
//               the ids' first 8 bytes, each a little-endian u64                            8,192 bytes
//               the ids' other 24 bytes                                                    24,576 bytes
//   listed    at `list`: slots (u32) whose distance is known
//   heap      at `heap`: k entries of 16 bytes (the id's first 8 bytes u64, slot u32, distance u32); sorted, nearest
//             first, when `nearest` returns
// An entry carries its id's first bytes, so that a comparison touches the ids themselves only when those are equal.

export const CHUNK: u32 = 1024
const FIRST_BYTES: u32 = 1
const PREFIX_BYTES: u32 = 8
const REST_BYTES: u32 = 24

export let planes: u32 = 0
export let chunkBytes: u32 = 0
export let first: usize = 0
export let heap: usize = 0
export let heapSize: u32 = 0
export let query: usize = 0

/** Where things are; call once, before `nearest`. */
export function configure(planeCount: u32, queryAt: usize, firstChunk: usize): void {
  planes = planeCount
  query = queryAt
  first = firstChunk
  chunkBytes = CHUNK * (planeCount + FIRST_BYTES + PREFIX_BYTES + REST_BYTES)
}

/** Start to rank anew, with the heap at `heapAt`. */
export function emptyHeap(heapAt: usize): void {
  heap = heapAt
  heapSize = 0
}

@inline
export function firstAt(slot: u32): usize {
  return first + <usize>(slot / CHUNK) * chunkBytes + CHUNK * planes + (slot % CHUNK)
}

@inline
export function prefixAt(slot: u32): usize {
  return first + <usize>(slot / CHUNK) * chunkBytes + CHUNK * (planes + FIRST_BYTES) + (slot % CHUNK) * PREFIX_BYTES
}

@inline
function restAt(slot: u32): usize {
  return first + <usize>(slot / CHUNK) * chunkBytes + CHUNK * (planes + FIRST_BYTES + PREFIX_BYTES) + (slot % CHUNK) * REST_BYTES
}

/** Whether id a comes after id b, whose first 8 bytes are equal. */
function restAfter(a: u32, b: u32): bool {
  for (let i: usize = 0; i < REST_BYTES; i++) {
    const byteA = load<u8>(restAt(a) + i)
    const byteB = load<u8>(restAt(b) + i)
    if (byteA != byteB) return byteA > byteB
  }
  return false
}

/** Whether (distance, prefix, slot) ranks after the entry at `entry`. */
@inline
function ranksAfter(distance: u32, prefix: u64, slot: u32, entry: usize): bool {
  const otherDistance = load<u32>(entry, 12)
  if (distance != otherDistance) return distance > otherDistance
  const otherPrefix = load<u64>(entry)
  if (prefix != otherPrefix) return prefix > otherPrefix
  return restAfter(slot, load<u32>(entry, 8))
}

@inline
function entryAt(at: u32): usize {
  return heap + (<usize>at << 4)
}

@inline
function write(at: u32, distance: u32, prefix: u64, slot: u32): void {
  const entry = entryAt(at)
  store<u64>(entry, prefix)
  store<u32>(entry, slot, 8)
  store<u32>(entry, distance, 12)
}

/** The heap has its last-ranking entry on top. */
function siftUp(distance: u32, prefix: u64, slot: u32): void {
  let at = heapSize++
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!ranksAfter(distance, prefix, slot, entryAt(parent))) break
    v128.store(entryAt(at), v128.load(entryAt(parent)))
    at = parent
  }
  write(at, distance, prefix, slot)
}

function siftDown(distance: u32, prefix: u64, slot: u32, size: u32): void {
  let at: u32 = 0
  for (;;) {
    let child: u32 = 2 * at + 1
    if (child >= size) break
    const right = entryAt(child + 1)
    if (child + 1 < size) {
      const left = entryAt(child)
      if (ranksAfter(load<u32>(right, 12), load<u64>(right), load<u32>(right, 8), left)) child++
    }
    const entry = entryAt(child)
    if (ranksAfter(distance, prefix, slot, entry)) break
    v128.store(entryAt(at), v128.load(entry))
    at = child
  }
  write(at, distance, prefix, slot)
}

export function sortHeap(): void {
  for (let last = heapSize - 1; last > 0 && last < heapSize; last--) {
    const entry = entryAt(last)
    const prefix = load<u64>(entry)
    const slot = load<u32>(entry, 8)
    const distance = load<u32>(entry, 12)
    v128.store(entry, v128.load(heap))
    siftDown(distance, prefix, slot, last)
  }
}

/** Take in a code if it is among the k that rank first so far. */
@inline
export function consider(distance: u32, prefix: u64, slot: u32, k: u32): void {
  if (heapSize < k) siftUp(distance, prefix, slot)
  else if (!ranksAfter(distance, prefix, slot, heap)) siftDown(distance, prefix, slot, k)
}
