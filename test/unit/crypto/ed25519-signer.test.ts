import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { base58btc } from 'multiformats/bases/base58'
import { expect, test } from 'vitest'
import { type PeerId, peerId } from '../../../base/ids.ts'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import { createSigner, peerIdOf, publicKeyOf } from '../../../crypto/ed25519-signer.ts'

const seedOf = (name: string | number): Uint8Array => randomBytes(seededRandom(name), 32)
const message = new TextEncoder().encode('head 7')

test('the peer id of 20 seeds is the one libp2p derives, and passes the id check', async () => {
  for (let i = 0; i < 20; i++) {
    const libp2pKey = await generateKeyPairFromSeed('Ed25519', seedOf(i))
    const { self } = createSigner(seedOf(i))
    expect(self).toBe(peerIdFromPrivateKey(libp2pKey).toString())
    expect(self).toMatch(/^12D3Koo/)
    expect(peerId(self)).toBe(self)
    expect(publicKeyOf(self)).toEqual(new Uint8Array(libp2pKey.publicKey.raw))
    expect(peerIdOf(publicKeyOf(self))).toBe(self)
  }
})

test('libp2p verifies what the signer signs, and the signer what libp2p signs', async () => {
  const libp2pKey = await generateKeyPairFromSeed('Ed25519', seedOf('a'))
  const signer = createSigner(seedOf('a'))
  const signature = signer.sign(message)
  expect(signature).toHaveLength(64)
  const { publicKey } = peerIdFromString(signer.self)
  expect(await publicKey?.verify(message, signature)).toBe(true)
  expect(createSigner(seedOf('b')).verify(signer.self, message, await libp2pKey.sign(message))).toBe(true)
})

test('another message, another peer, or a changed or cut signature does not verify', () => {
  const [alice, bob] = [createSigner(seedOf('alice')), createSigner(seedOf('bob'))]
  const signature = alice.sign(message)
  expect(bob.verify(alice.self, message, signature)).toBe(true)
  expect(bob.verify(alice.self, message.subarray(1), signature)).toBe(false)
  expect(bob.verify(bob.self, message, signature)).toBe(false)
  expect(bob.verify(alice.self, message, signature.subarray(1))).toBe(false)
  expect(bob.verify(alice.self, message, new Uint8Array(64))).toBe(false)
  for (let at = 0; at < 64; at++) {
    const altered = signature.slice()
    altered[at] ^= 1
    expect(bob.verify(alice.self, message, altered)).toBe(false)
  }
})

test.each([
  ['RSA id', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'],
  ['empty', ''],
  ['not base58', '0OIl'.repeat(13)],
  ['a thousand characters', '1'.repeat(1000)],
  ['an id cut by one byte', base58btc.baseEncode(Buffer.from(`002408011220${'11'.repeat(31)}`, 'hex'))],
  ['a secp256k1 id', base58btc.baseEncode(Buffer.from(`00250802122103${'11'.repeat(32)}`, 'hex'))]
])('a peer name that is %s has signed nothing, and holds no key: MESSAGE_INVALID', (_, text) => {
  const signer = createSigner(seedOf('c'))
  const name = text as PeerId // as it comes from outside
  expect(signer.verify(name, message, signer.sign(message))).toBe(false)
  expect(() => publicKeyOf(name)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
})

test('1500 peers, more than the cache holds, all verify, twice', () => {
  const verifier = createSigner(seedOf('v'))
  const signed = Array.from({ length: 1500 }, (_, i) => {
    const signer = createSigner(seedOf(i))
    return { peer: signer.self, signature: signer.sign(message) }
  })
  for (const { peer, signature } of [...signed, ...signed]) expect(verifier.verify(peer, message, signature)).toBe(true)
})

test('a seed or public key that is not 32 bytes is a RangeError', () => {
  expect(() => createSigner(new Uint8Array(31))).toThrow(RangeError)
  expect(() => peerIdOf(new Uint8Array(33))).toThrow(RangeError)
})
