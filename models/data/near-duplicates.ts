import { bitCount } from '../../base/bit-count.ts'
import type { ViewSet } from './load-views.ts'

const COLUMNS = 9
const ROWS = 8
const NEAR_BITS = 4 // the protocol's distance for near duplicates

/** 64-bit difference hash of a view, as two words: whether each of 9x8 area means is brighter than the one to its right. */
export function differenceHash(pixels: Uint8Array, side: number): [number, number] {
  const means = new Float64Array(COLUMNS * ROWS)
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const [top, bottom] = [Math.floor((row * side) / ROWS), Math.floor(((row + 1) * side) / ROWS)]
      const [left, right] = [Math.floor((column * side) / COLUMNS), Math.floor(((column + 1) * side) / COLUMNS)]
      let sum = 0
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += pixels[y * side + x]
      means[row * COLUMNS + column] = sum / ((bottom - top) * (right - left))
    }
  }
  const words: [number, number] = [0, 0]
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS - 1; column++) {
      const at = row * COLUMNS + column
      if (means[at] > means[at + 1]) words[row >> 2] |= 1 << (8 * (row & 3) + column)
    }
  }
  return words
}

/**
 * The images of `queries` that are in no near-duplicate cluster together with an image of `training`: neighbours of
 * training slices are left out.
 */
export function withoutNearDuplicates(queries: ViewSet, training: ViewSet): Int32Array {
  const roots = nearDuplicateClusters([training, queries])
  const trained = training.names.length
  return Int32Array.from([...queries.names.keys()].filter(at => roots[trained + at] >= trained))
}

/**
 * The near-duplicate cluster of each image of these sets, one set after the other: the index of the cluster's first image.
 * Images are joined by union-find where their dHashes differ in 4 bits or less, so a chain of neighbours is one cluster.
 */
export function nearDuplicateClusters(sets: readonly ViewSet[]): Int32Array {
  return clustersOfHashes(sets.flatMap(hashesOf))
}

/** {@link nearDuplicateClusters} of images by their dHashes. */
export function clustersOfHashes(hashes: readonly (readonly [number, number])[]): Int32Array {
  const parent = Int32Array.from(hashes, (_, at) => at)
  const rootOf = (at: number): number => {
    let root = at
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]]
      root = parent[root]
    }
    return root
  }
  for (let a = 1; a < hashes.length; a++) {
    for (let b = 0; b < a; b++) {
      if (bitCount(hashes[a][0] ^ hashes[b][0]) + bitCount(hashes[a][1] ^ hashes[b][1]) > NEAR_BITS) continue
      const [one, other] = [rootOf(a), rootOf(b)]
      parent[Math.max(one, other)] = Math.min(one, other)
    }
  }
  return parent.map((_, at) => rootOf(at))
}

function hashesOf({ names, pixels, side }: ViewSet): [number, number][] {
  const plane = side ** 2
  return names.map((_, at) => differenceHash(pixels.subarray(at * plane, (at + 1) * plane), side))
}
