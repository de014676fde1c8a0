import { hash } from 'node:crypto'
import type { ImageId } from '../base/ids.ts'
import { DIGEST_BYTES, DIGEST_FAN_OUT, DIGEST_NODES } from '../base/limits.ts'

const BUCKET_DIGITS = 4 // hex digits of an image id that say in which bucket it is: below the inner nodes, in their order
const RECORD_V1 = 0x87 // the head of a record of version 1, an array of seven
const FIRST_CAPACITY = 4
const EMPTY = Buffer.alloc(DIGEST_BYTES)

/** Digests of one bucket's records, one after the other, in no order. */
interface Bucket {
  bytes: Buffer
  count: number
}

/**
 * The SHA-256 of an encoded record, as it stands in a {@link DigestTree}; undefined for one of version 1, which no other
 * master takes and none need have.
 */
export function recordDigest(encoded: Uint8Array): Buffer | undefined {
  return encoded[0] === RECORD_V1 ? undefined : hash('sha256', encoded, 'buffer')
}

/**
 * Digests of all records that a master holds, in 65,536 buckets by the first 16 bits of the image id, and over them a tree
 * of fan-out 16: equal roots are equal indexes, and where roots differ four steps down find the buckets that do. A bucket's
 * digest is the SHA-256 of its records' digests in order, a node's that of its children's, of nothing it is zero: to find two
 * indexes of one root is to break SHA-256, whoever makes the records (sums or XORs of digests are cheaper, and whoever may
 * choose records can make two sets of them of one sum by Wagner's generalised birthday). 32 bytes a record in memory.
 */
export class DigestTree {
  readonly #buckets = new Map<number, Bucket>()
  /** Buckets with records below each inner node. */
  readonly #filled = new Map<number, number>()
  /** Digests of nodes that nothing below has changed since. */
  readonly #known = new Map<number, Buffer>()

  /** Put an image's new record in the place of its old one, of either of which there may be none. */
  replace(id: ImageId, old: Uint8Array | undefined, fresh: Uint8Array | undefined): void {
    if (old !== undefined) this.#remove(id, recordDigest(old))
    if (fresh !== undefined) this.#add(id, recordDigest(fresh))
  }

  /** The root, hex. */
  get root(): string {
    return this.#digestOf(0).toString('hex')
  }

  /** The digests of the children of an inner node, one after the other: 512 bytes. */
  children(node: number): Buffer {
    const first = DIGEST_FAN_OUT * node + 1
    return Buffer.concat(Array.from({ length: DIGEST_FAN_OUT }, (_, at) => this.#digestOf(first + at)))
  }

  #add(id: ImageId, digest: Buffer | undefined): void {
    if (digest === undefined) return
    const node = bucketOf(id)
    const bucket = this.#buckets.get(node) ?? { bytes: Buffer.alloc(FIRST_CAPACITY * DIGEST_BYTES), count: 0 }
    if (bucket.count === 0) this.#fill(node, bucket)
    const at = bucket.count++ * DIGEST_BYTES
    if (at === bucket.bytes.length) bucket.bytes = widened(bucket.bytes)
    digest.copy(bucket.bytes, at)
    this.#changed(node)
  }

  #remove(id: ImageId, digest: Buffer | undefined): void {
    const node = bucketOf(id)
    const bucket = this.#buckets.get(node)
    if (digest === undefined || bucket === undefined) return
    const { bytes } = bucket
    for (let at = 0; at < bucket.count * DIGEST_BYTES; at += DIGEST_BYTES) {
      if (bytes.compare(digest, 0, DIGEST_BYTES, at, at + DIGEST_BYTES) !== 0) continue
      bytes.copyWithin(at, --bucket.count * DIGEST_BYTES, (bucket.count + 1) * DIGEST_BYTES)
      if (bucket.count === 0) this.#empty(node)
      this.#changed(node)
      return
    }
  }

  #fill(node: number, bucket: Bucket): void {
    this.#buckets.set(node, bucket)
    for (const above of pathFrom(node)) {
      this.#filled.set(above, (this.#filled.get(above) ?? 0) + 1)
      this.#known.delete(above)
    }
  }

  #empty(node: number): void {
    this.#buckets.delete(node)
    for (const above of pathFrom(node)) this.#filled.set(above, (this.#filled.get(above) ?? 1) - 1)
  }

  /** What is above a bucket that is not known is not known either; {@link #fill} sees to buckets that had nothing to know. */
  #changed(node: number): void {
    if (!this.#known.delete(node)) return
    for (const above of pathFrom(node)) this.#known.delete(above)
  }

  #digestOf(node: number): Buffer {
    const known = this.#known.get(node)
    if (known !== undefined) return known
    const bucket = this.#buckets.get(node)
    if (bucket === undefined && !this.#filled.get(node)) return EMPTY
    const digest = hash('sha256', bucket === undefined ? this.children(node) : inOrder(bucket), 'buffer')
    this.#known.set(node, digest)
    return digest
  }
}

function bucketOf(id: ImageId): number {
  return DIGEST_NODES + Number.parseInt(id.slice(0, BUCKET_DIGITS), 16)
}

/** The nodes above one, up to the root. */
function pathFrom(node: number): number[] {
  const path: number[] = []
  for (let at = node; at > 0; ) {
    at = (at - 1) >> 4
    path.push(at)
  }
  return path
}

function inOrder({ bytes, count }: Bucket): Buffer {
  const digests = Array.from({ length: count }, (_, at) => bytes.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES))
  return Buffer.concat(digests.sort(Buffer.compare))
}

function widened(bytes: Buffer): Buffer {
  const wider = Buffer.alloc(2 * bytes.length)
  bytes.copy(wider)
  return wider
}
