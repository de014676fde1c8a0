import { createHash } from 'node:crypto'
import { sha256Hex } from '../../../base/bytes.ts'
import { imageId, sharingId, shadowNumber } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import { deriveKey } from '../../../crypto/derive.ts'
import { cipherOf, IMAGE_CIPHERS } from '../../../crypto/image-ciphers.ts'
import { openSealed, sealBytes } from '../../../crypto/seal.ts'
import { macOf } from '../../../crypto/shadows/mac.ts'
import { readShadow } from '../../../crypto/shadows/shadow-format.ts'
import { SHADOW_SCHEMES } from '../../../crypto/shadow-schemes.ts'
import { openMetadata, sealMetadata } from '../../../node/client/seal-metadata.ts'
import { encodedRecord } from '../../../indexing/encoded-record.ts'
import { RecordSeal } from '../../../node/proofs/record-seal.ts'
import { openThreshold, sealThreshold } from '../../../node/placement/seal-threshold.ts'
import { exampleRecord } from '../../contract/example-record.ts'
import { type Door, sampleMaker } from '../engine/door.ts'

const random = seededRandom('fuzz seals')
const KEY = new Uint8Array(32).fill(7)
const IMAGE = imageId(sha256Hex(new Uint8Array(1)))
const SHARING = sharingId('5'.repeat(16))
const HEAD_BYTES = 12 // of sealed metadata: magic and key check

/** What is sealed, encrypted or split: as others may have altered it, and as one who holds the keys may have made it. */
export function sealDoors(): Door[] {
  return [...metadataDoors(), ...thresholdDoors(), recordDoor(), ...shadowDoors(), ...encryptedDoors()]
}

function metadataDoors(): Door[] {
  const seal = { image: IMAGE, imageKey: KEY }
  const said = [
    { name: 'brain_001.dcm', labels: ['glioma', 'T1'], time: 1_764_000_000_000, digest: 'ab'.repeat(32) },
    { name: '', labels: [] }
  ]
  const sealed = said.map(metadata => sealMetadata(metadata, { ...seal, random }))
  const id = Buffer.from(IMAGE, 'hex')
  const head = sealed[0].subarray(0, HEAD_BYTES)
  const associated = Buffer.concat([head, id])
  const key = deriveKey(KEY, { salt: id, info: 'sfmedir/metadata/2' })
  const plain = sealed.map(bytes => openSealed(key, bytes.subarray(HEAD_BYTES), { associated }))
  return [
    { name: 'metadata sealed', make: sampleMaker(sealed), enter: bytes => void openMetadata(bytes, seal) },
    {
      name: 'metadata by an owner',
      make: sampleMaker(plain),
      enter: bytes => void openMetadata(Buffer.concat([head, sealBytes(key, bytes, { associated, random })]), seal)
    }
  ]
}

function thresholdDoors(): Door[] {
  const seal = { image: IMAGE, sharing: SHARING, thresholdKey: KEY }
  const sealed = sealThreshold({ threshold: 3, total: 5 }, { ...seal, random })
  const associated = Buffer.from(`sfmedir/threshold/1/${IMAGE}/${SHARING}`)
  const make = (bytes: Uint8Array): Uint8Array => sealBytes(KEY, bytes, { associated, random })
  return [
    { name: 'threshold sealed', make: sampleMaker([sealed]), enter: bytes => void openThreshold(bytes, seal) },
    {
      name: 'threshold by a master',
      make: sampleMaker([Uint8Array.of(3, 5), Uint8Array.of(2, 2), Uint8Array.of(200, 255)]),
      enter: bytes => void openThreshold(make(bytes), seal)
    }
  ]
}

function recordDoor(): Door {
  const seal = new RecordSeal(KEY)
  const held = encodedRecord(exampleRecord())
  const of = { image: held.record.id, sharing: held.record.stored?.placement.sharing ?? SHARING }
  return { name: 'record sealed', make: sampleMaker([seal.seal(held)]), enter: bytes => void seal.open(bytes, of) }
}

function shadowDoors(): Door[] {
  const encrypted = random.fill(new Uint8Array(600))
  const digest = createHash('sha256').update(encrypted).digest('hex')
  return SHADOW_SCHEMES.flatMap((scheme): Door[] => {
    const plan = { image: IMAGE, sharing: SHARING, threshold: 2, total: 3 }
    const shadows = scheme.make(encrypted, { ...plan, macKey: KEY, random })
    const claim = (number: number) => ({ image: IMAGE, sharing: SHARING, number: shadowNumber(number), macKey: KEY })
    const second = scheme.open(shadows[1], claim(2))
    return [
      { name: `shadow ${scheme.name}`, make: sampleMaker(shadows), enter: bytes => void readShadow(bytes) },
      {
        name: `shadow ${scheme.name} by a master`,
        share: 0.2,
        make: sampleMaker([shadows[0]]),
        enter: bytes => {
          const body = bytes.subarray(0, Math.max(0, bytes.length - 32))
          const opened = scheme.open(Buffer.concat([body, macOf(body, KEY)]), claim(1))
          scheme.rebuild([opened, second], { ...plan, size: encrypted.length, digest })
        }
      }
    ]
  })
}

function encryptedDoors(): Door[] {
  return IMAGE_CIPHERS.map(cipher => ({
    name: `encrypted image ${cipher.name}`,
    make: sampleMaker([0, 1, 300].map(length => cipher.encrypt(new Uint8Array(length), { key: KEY, random }))),
    enter: bytes => void cipherOf(bytes).decrypt(bytes, { key: KEY })
  }))
}
