import { createHash } from 'node:crypto'
import type { ImageId, PeerId, SharingId, ShadowNumber } from '../../base/ids.ts'
import type { CodeSpace } from '../../hashing/hash-code.ts'
import type { ImageRecord } from '../../indexing/image-record.ts'

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** 64 hex digits that stand for `name`. */
export function exampleImage(name: string | number): ImageId {
  return createHash('sha256').update(`image ${name}`).digest('hex') as ImageId
}

/** A well-formed peer name that stands for `name`. */
export function examplePeer(name: string | number): PeerId {
  const digest = createHash('sha512').update(`peer ${name}`).digest()
  return `12D3KooW${[...digest.subarray(0, 44)].map(byte => BASE58[byte % 58]).join('')}` as PeerId
}

/** A code space of `bits` bits, told apart by the model's name. */
export function exampleSpace(bits = 64, model = 'model'): CodeSpace {
  return { model: exampleImage(model), view: exampleImage('view'), bits }
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
  /** The byte of which its master's signature is made. */
  signature?: number
}

/** A well-formed record (its signatures are filler). */
export function exampleRecord(init: ExampleRecordInit = {}): ImageRecord {
  const { image: name = 1, counter = 1, master = 'master', space = exampleSpace(), deleted = false } = init
  const masterSignature = new Uint8Array(64).fill(init.signature ?? 7)
  const image = exampleImage(name)
  const code = init.code ?? new Uint8Array(Buffer.from(image, 'hex').subarray(0, space.bits / 8))
  const head = {
    id: image,
    version: { counter, master: examplePeer(master) },
    time: init.time ?? 1_764_000_000_000 + counter
  }
  if (deleted) return { ...head, stored: undefined, masterSignature }
  const claim = {
    id: image,
    owner: examplePeer('owner'),
    space,
    code,
    size: 524_288,
    metadata: new Uint8Array([1, 2, 3]),
    ownerSignature: new Uint8Array(64).fill(5)
  }
  const holders = [1, 2, 3].map(number => ({
    slave: examplePeer(`slave ${number}`),
    number: number as ShadowNumber,
    digest: exampleImage(`shadow ${name} ${number}`)
  }))
  const sharing = image.slice(0, 16) as SharingId
  const placement = { scheme: 'p257', sharing, total: 3, holders, sealedThreshold: new Uint8Array(48).fill(9) }
  return { ...head, stored: { claim, placement }, masterSignature }
}
