import { encode } from 'cborg'
import type { Random } from '../../base/random.ts'
import { aeadCipher } from '../../crypto/aead-cipher.ts'
import { deriveKey } from '../../crypto/derive.ts'
import { decodeKeys, encodeKeys } from '../../crypto/keys.ts'
import { planePlan, scramblePlanes } from '../../crypto/qms2/bit-planes.ts'
import { typescriptCore } from '../../crypto/qms2/core.ts'
import { decryptImage } from '../../crypto/qms2/decrypt.ts'
import { encryptImage } from '../../crypto/qms2/encrypt.ts'
import { chaosSeeds, imageKeys, syntheticIv } from '../../crypto/qms2/seeds.ts'
import type { Given } from './page.ts'

type Example = (given: Given) => Record<string, string>

/** The bytes of hex digits. */
export const bytes = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'))
/** The hex digits of bytes. */
export const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex')

/** A generator that gives these bytes, one request each, and no more. */
export function givenRandom(...draws: readonly Uint8Array[]): Random {
  const left = [...draws]
  return {
    fill: target => {
      const next = left.shift()
      if (next?.length !== target.length) throw new Error(`no draw of ${target.length} bytes is given`)
      target.set(next)
      return target
    }
  }
}

function qms2({ imageKey, nonce, image }: Given): Record<string, string> {
  const plain = bytes(image)
  const keys = imageKeys(bytes(imageKey), bytes(nonce))
  const siv = syntheticIv(keys.siv, new Uint8Array(0), plain)
  const seeds = chaosSeeds(keys.chaos, siv)
  const { target, offset } = planePlan(seeds.henon, plain.length)
  const encrypted = encryptImage(plain, { key: bytes(imageKey), random: givenRandom(bytes(nonce)) }, typescriptCore)
  if (hex(decryptImage(encrypted, { key: bytes(imageKey) })) !== image) throw new Error('it does not decrypt')
  return {
    SIV: hex(siv),
    seed: hex(deriveKey(keys.chaos, { salt: siv, info: 'QMS2/seed', length: 96 })),
    'R, ER, E2': `${seeds.quantum.r}, ${seeds.quantum.er}, ${seeds.quantum.e2}`,
    't(0 … 7)': target.join(' '),
    'o(0 … 7)': offset.join(' '),
    'after bit planes': hex(scramblePlanes(plain, { target, offset })),
    'core(image)': typescriptCore.scramble(plain, seeds, hex),
    EI: hex(encrypted)
  }
}

/** Examples of keys, labels and encrypted images. */
export const cipherExamples: Readonly<Record<string, Example>> = {
  hkdf: ({ secret, salt, info, length }) => ({
    key: hex(deriveKey(bytes(secret), { salt: bytes(salt), info, length: Number(length) }))
  }),
  cbor: () => ({ bytes: hex(encode([2, 'kept', bytes('00ff'), 1764000000000, null])) }),
  'key-file': ({ id, epoch, imageKey, indexKey }) => {
    const file = encodeKeys({ id, epoch: Number(epoch), imageKey: bytes(imageKey), indexKey: bytes(indexKey) })
    if (encodeKeys(decodeKeys(file)) !== file) throw new Error('it is not read back')
    return { file: JSON.stringify(JSON.parse(file)) }
  },
  'ei-aead': ({ imageKey, nonce, image }) => {
    const encrypted = aeadCipher.encrypt(bytes(image), { key: bytes(imageKey), random: givenRandom(bytes(nonce)) })
    const derived = deriveKey(bytes(imageKey), { salt: bytes(nonce), info: 'sfmedir/aead-image', length: 44 })
    return { derived: hex(derived), EI: hex(encrypted) }
  },
  'ei-qms2': qms2
}
