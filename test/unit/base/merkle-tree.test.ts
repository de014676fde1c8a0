import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isMerkleLeaf, LEAF_BYTES, leafCount, merkleLeaves, merkleRoot } from '../../../base/merkle-tree.ts'
import { randomBytes, seededRandom } from '../../../base/random.ts'

const SEED = 'merkle'
const LENGTHS = [1, 100, 4095, 4096, 4097, 8192, 12_289, 7 * 4096, 9 * 4096 - 1, 33 * 4096 + 5]

/** The definition of RFC 6962, 2.1, word for word. */
function treeHash(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 1) return createHash('sha256').update(Uint8Array.of(0)).update(leaves[0]).digest()
  let k = 1
  while (2 * k < leaves.length) k *= 2
  const halves = [treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k))]
  return createHash('sha256').update(Uint8Array.of(1)).update(halves[0]).update(halves[1]).digest()
}

describe(`the Merkle tree over a shadow (seed '${SEED}')`, () => {
  const random = seededRandom(SEED)
  const shadows = LENGTHS.map(length => randomBytes(random, length))

  it('has the root that RFC 6962 defines, of leaves of 4096 bytes', () => {
    for (const shadow of shadows) {
      const leaves = Array.from({ length: leafCount(shadow.length) }, (_, at) =>
        shadow.subarray(at * LEAF_BYTES, (at + 1) * LEAF_BYTES)
      )
      expect(merkleRoot(shadow)).toBe(treeHash(leaves).toString('hex'))
    }
  })

  it('a leaf of any index is proven by its path; not as another index, of another length, in another tree, or with another path', () => {
    for (const shadow of shadows) {
      const [root, bytes, count] = [merkleRoot(shadow), shadow.length, leafCount(shadow.length)]
      const indices = Array.from({ length: count }, (_, index) => index)
      merkleLeaves(shadow, indices).forEach((proven, index) => {
        const claim = { root, bytes, index }
        const { leaf, path } = proven
        expect(isMerkleLeaf(proven, claim), `${bytes} ${index}`).toBe(true)
        const lies = [
          [proven, { ...claim, index: (index + 1) % (count + 1) }],
          [proven, { ...claim, bytes: bytes + (index === count - 1 ? 1 : count * LEAF_BYTES) }],
          [proven, { ...claim, root: merkleRoot(Uint8Array.of(9)) }],
          [{ leaf: leaf.with(0, leaf[0] ^ 1), path }, claim],
          [{ leaf: leaf.subarray(0, -1), path }, claim],
          [{ leaf, path: [...path, new Uint8Array(32)] }, claim],
          ...path.map((_, at) => [{ leaf, path: path.filter((__, other) => other !== at) }, claim] as const),
          ...path.map((node, at) => [{ leaf, path: path.with(at, node.with(31, node[31] ^ 1)) }, claim] as const)
        ] as const
        for (const [n, [given, of]] of lies.entries()) {
          expect(isMerkleLeaf(given, of), `${bytes} ${index}: lie ${n}`).toBe(false)
        }
      })
    }
  })

  it('an inner node is no leaf: its two hashes as a leaf of 64 bytes give another root', () => {
    const shadow = shadows[4]
    const [{ path }, other] = merkleLeaves(shadow, [0, 1])
    const forged = Buffer.concat([other.path[0], path[0]])
    expect(merkleRoot(forged)).not.toBe(merkleRoot(shadow))
  })

  it('a leaf that the tree does not have is asked for by mistake: RangeError', () => {
    expect(() => merkleLeaves(shadows[0], [1])).toThrow(RangeError)
  })
})
