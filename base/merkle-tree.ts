import { hash } from 'node:crypto'

/** Bytes of a leaf; the last one of a tree may be shorter. */
export const LEAF_BYTES = 4096

const HASH_BYTES = 32
const LEAF = 0x00
const NODE = 0x01

/** How many leaves so many bytes have; no bytes have one leaf, which is empty. */
export function leafCount(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / LEAF_BYTES))
}

/**
 * Root of the Merkle tree over `bytes` in leaves of {@link LEAF_BYTES}, 64 lower-case hex digits: the tree of RFC 6962, 2.1, with
 * SHA-256(00 || leaf) and SHA-256(01 || left || right), where a node without a right neighbour moves up as it is.
 */
export function merkleRoot(bytes: Uint8Array): string {
  const [root] = levelsOf(bytes).at(-1) ?? []
  return Buffer.from(root, TEXT).toString('hex')
}

/** A leaf of a tree, and what proves that it is one. */
export interface MerkleLeaf {
  readonly leaf: Uint8Array
  /** The neighbours on the way to the root, 32 bytes each, the lowest first (RFC 6962, 2.1.1). */
  readonly path: readonly Uint8Array[]
}

/** The leaves of these indices, with their paths. @throws RangeError for an index that the tree does not have */
export function merkleLeaves(bytes: Uint8Array, indices: readonly number[]): MerkleLeaf[] {
  const levels = levelsOf(bytes)
  return indices.map(index => {
    if (levels[0][index] === undefined) throw new RangeError(`indices: the tree has no leaf ${index}`)
    const path: Uint8Array[] = []
    levels.forEach((level, height) => {
      const neighbour = level[(index >> height) ^ 1]
      if (neighbour !== undefined) path.push(new Uint8Array(Buffer.from(neighbour, TEXT)))
    })
    return { leaf: bytes.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES), path }
  })
}

/** What a leaf is claimed to be part of: a tree over so many `bytes` with this root, hex. */
export interface MerkleClaim {
  readonly root: string
  readonly bytes: number
  readonly index: number
}

/** Whether a leaf is the one of that index in that tree, in its full length (RFC 9162, 2.1.3.2). */
export function isMerkleLeaf({ leaf, path }: MerkleLeaf, { root, bytes, index }: MerkleClaim): boolean {
  const count = leafCount(bytes)
  if (index >= count || leaf.length !== Math.min(LEAF_BYTES, bytes - index * LEAF_BYTES)) return false
  let [at, last, node] = [index, count - 1, leafHash(leaf)]
  for (const bytesOf of path) {
    if (last === 0 || bytesOf.length !== HASH_BYTES) return false
    const neighbour = Buffer.from(bytesOf).toString(TEXT)
    if (at % 2 === 1 || at === last) {
      node = nodeHash(neighbour, node)
      while (at % 2 === 0 && at > 0) [at, last] = [at >> 1, last >> 1] // it had no neighbour on these levels
    } else {
      node = nodeHash(node, neighbour)
    }
    ;[at, last] = [at >> 1, last >> 1]
  }
  return last === 0 && Buffer.from(node, TEXT).toString('hex') === root
}

/** All hashes, from the leaves' to the root. */
function levelsOf(bytes: Uint8Array): Hash[][] {
  const leaves = Array.from({ length: leafCount(bytes.length) }, (_, index) =>
    leafHash(bytes.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES))
  )
  const levels = [leaves]
  for (let below = leaves; below.length > 1; ) {
    const level: Hash[] = []
    for (let left = 0; left < below.length; left += 2) {
      level.push(left + 1 < below.length ? nodeHash(below[left], below[left + 1]) : below[left])
    }
    levels.push(level)
    below = level
  }
  return levels
}

/** 32 bytes, a character each: half the time of a Buffer for each of them. */
type Hash = string
const TEXT = 'binary'

// One buffer for all: what is hashed is copied behind its prefix, and nothing waits in between.
const input = Buffer.alloc(1 + LEAF_BYTES)

function leafHash(leaf: Uint8Array): Hash {
  input[0] = LEAF
  input.set(leaf, 1)
  return hash('sha256', input.subarray(0, 1 + leaf.length), TEXT)
}

function nodeHash(left: Hash, right: Hash): Hash {
  input[0] = NODE
  input.write(left, 1, TEXT)
  input.write(right, 1 + HASH_BYTES, TEXT)
  return hash('sha256', input.subarray(0, 1 + 2 * HASH_BYTES), TEXT)
}
