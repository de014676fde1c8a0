import { createHash } from 'node:crypto'
import { ownedImageId } from '../../base/bytes.ts'
import type { ImageId, PeerId, SharingId, ShadowNumber } from '../../base/ids.ts'
import type { CodeSpace } from '../../hashing/hash-code.ts'
import type { ImageRecord, Stored } from '../../indexing/image-record.ts'

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** 64 hex digits that stand for `name`. */
function exampleDigest(name: string | number): string {
  return createHash('sha256').update(`image ${name}`).digest('hex')
}

/** The id of the image that stands for `name`. */
export function exampleImage(name: string | number): ImageId {
  return ownedImageId(examplePeer('owner'), exampleDigest(name))
}

/** A well-formed peer name that stands for `name`. */
export function examplePeer(name: string | number): PeerId {
  const digest = createHash('sha512').update(`peer ${name}`).digest()
  return `12D3KooW${[...digest.subarray(0, 44)].map(byte => BASE58[byte % 58]).join('')}` as PeerId
}

/** A code space of `bits` bits, told apart by the model's name. */
export function exampleSpace(bits = 64, model = 'model'): CodeSpace {
  return { model: exampleDigest(model), view: exampleDigest('view'), bits }
}

/** What may be asked of {@link exampleRecord}. */
export interface ExampleRecordInit {
  image?: string | number
  counter?: number
  master?: string
  code?: Uint8Array
  space?: CodeSpace
  deleted?: boolean
  time?: number
  /** The time of its claim. */
  asked?: number
  /** The byte of which its last signature is made. */
  signature?: number
}

/** A well-formed record (its signatures are filler); of tombstones the one of the higher counter is earlier. */
export function exampleRecord(init: ExampleRecordInit = {}): ImageRecord {
  const { image: name = 1, counter = 1, deleted = false } = init
  if (!deleted) {
    const stored = exampleStored(init)
    return { id: stored.claim.id, format: 2, stored, deletion: undefined }
  }
  const owner = examplePeer('owner')
  const digest = exampleDigest(name)
  const id = ownedImageId(owner, digest)
  const time = init.time ?? 1_764_000_000_000 - counter
  const ownerSignature = new Uint8Array(64).fill(init.signature ?? 7)
  return { id, format: 2, stored: undefined, deletion: { id, owner, digest, time, ownerSignature } }
}

/** What a well-formed record says of a stored image. */
export function exampleStored(init: ExampleRecordInit = {}): Stored & { claim: { master: PeerId } } {
  const { image: name = 1, counter = 1, space = exampleSpace() } = init
  const digest = exampleDigest(name)
  const master = examplePeer(init.master ?? 'master')
  const owner = examplePeer('owner')
  const claim = {
    id: ownedImageId(owner, digest),
    owner,
    master,
    time: init.asked ?? 1_763_000_000_000,
    digest,
    space,
    code: init.code ?? new Uint8Array(Buffer.from(digest, 'hex').subarray(0, space.bits / 8)),
    size: 524_288,
    metadata: new Uint8Array([1, 2, 3]),
    ownerSignature: new Uint8Array(64).fill(5)
  }
  const holders = [1, 2, 3].map(number => ({
    slave: examplePeer(`slave ${number}`),
    number: number as ShadowNumber,
    digest: exampleDigest(`shadow ${name} ${number}`),
    bytes: 1000 + number,
    receipt: new Uint8Array(64).fill(number)
  }))
  const sharing = digest.slice(0, 16) as SharingId
  const placement = { scheme: 'p257', sharing, total: 3, holders, sealedThreshold: new Uint8Array(48).fill(9) }
  return {
    version: { counter, master },
    time: init.time ?? 1_764_000_000_000 + counter,
    claim,
    placement,
    cosign: counter > 1 ? { master: examplePeer('second'), signature: new Uint8Array(64).fill(8) } : undefined,
    masterSignature: new Uint8Array(64).fill(init.signature ?? 7)
  }
}

/** The longest record that there can be: 255 holders, 4 KiB of metadata, a code of 256 bits. */
export function largestRecord(image: string | number): ImageRecord {
  const stored = exampleStored({ image, space: exampleSpace(256), code: new Uint8Array(32) })
  const claim = { ...stored.claim, metadata: new Uint8Array(4096) }
  const [holder] = stored.placement.holders
  const holders = Array.from({ length: 255 }, (_, at) => ({
    ...holder,
    slave: examplePeer(at),
    number: (at + 1) as ShadowNumber,
    bytes: 2 ** 28
  }))
  const placement = { ...stored.placement, total: 255, holders, sealedThreshold: new Uint8Array(256) }
  return { id: claim.id, format: 2, stored: { ...stored, claim, placement }, deletion: undefined }
}
