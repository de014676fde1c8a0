import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ownedImageId, sha256Hex } from '../../base/bytes.ts'
import { imageId, sharingId, shadowNumber } from '../../base/ids.ts'
import { randomBelow, randomBytes, seededRandom, shuffled } from '../../base/random.ts'
import { createSigner } from '../../crypto/ed25519-signer.ts'
import { IMAGE_CIPHERS } from '../../crypto/image-ciphers.ts'
import { encodeKeys, generateKeys, keysFor } from '../../crypto/keys.ts'
import { SHADOW_SCHEMES } from '../../crypto/shadow-schemes.ts'
import { codeMask, maskCode } from '../../hashing/code-mask.ts'
import { hashCode } from '../../hashing/hash-code.ts'
import { receiptBytes } from '../../indexing/encode-proof.ts'
import { claimBytes, cosignBytes } from '../../indexing/encode-record.ts'
import { signedRecord } from '../../indexing/encoded-record.ts'
import { contentDigest } from '../../node/client/content-digest.ts'
import { sealMetadata } from '../../node/client/seal-metadata.ts'
import { sealThreshold } from '../../node/placement/seal-threshold.ts'
import { describeReader, type Job, readerOn } from './run-reader.ts'

const SEED = 'interop'
const random = seededRandom(SEED)
const keys = generateKeys(random)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const fixture = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, '../formats', name), 'utf8'))

describeReader(`a reader in Python, written from docs/formats.md (seed '${SEED}')`, () => {
  it('computes every example of the page', () => {
    const [examples] = readerOn([{ do: 'page', path: join(import.meta.dirname, '../../docs/formats.md') }])
    const names = (examples as { name: string; same: boolean }[]).filter(({ same }) => !same).map(({ name }) => name)
    expect(names).toEqual([])
    expect((examples as unknown[]).length).toBeGreaterThan(15)
  })

  it.each(IMAGE_CIPHERS)(
    'cipher $name: decrypts what the project encrypted, and refuses it with one bit changed',
    cipher => {
      const images = [1, 2, 3, 64, 255, 4096].map(length => randomBytes(random, length))
      const encrypted = images.map(image => cipher.encrypt(image, { key: keys.imageKey, random }))
      const imageKey = hex(keys.imageKey)
      const jobs = encrypted.map(ei => ({ do: 'decrypt', ei: hex(ei), imageKey }))
      expect(readerOn(jobs)).toEqual(images.map(hex))
      const altered = encrypted.map(ei => hex(ei.with(5, ei[5] ^ 1)))
      expect(readerOn(altered.map(ei => ({ do: 'decrypt', ei, imageKey })))).toEqual(
        altered.map(() => 'refused: the tag does not fit')
      )
    }
  )

  it.each(IMAGE_CIPHERS)('cipher $name: what it encrypts, the project decrypts', cipher => {
    const image = randomBytes(random, 1000)
    const job = { do: 'encrypt', image: hex(image), imageKey: hex(keys.imageKey), nonce: hex(randomBytes(random, 24)) }
    const [encrypted] = readerOn([{ ...job, magic: cipher.magic }])
    expect(hex(cipher.decrypt(Buffer.from(String(encrypted), 'hex'), { key: keys.imageKey }))).toBe(hex(image))
  })

  it.each(SHADOW_SCHEMES)('scheme $name: rebuilds 20 images from any r of s shadows', scheme => {
    const cases = Array.from({ length: 20 }, (_, i) => {
      const threshold = 2 + (i % 7)
      const total = threshold + 1 + randomBelow(random, 4)
      const encrypted = randomBytes(random, i === 0 ? 0 : randomBelow(random, 1200))
      const plan = {
        image: imageId(sha256Hex(encrypted)),
        sharing: sharingId(hex(randomBytes(random, 8))),
        threshold,
        total
      }
      const shadows = scheme.make(encrypted, { ...plan, macKey: keys.macKey, random })
      const some = shuffled(random, shadows).slice(0, threshold).map(hex)
      const job: Job = { do: 'rebuild', shadows: some, size: encrypted.length, threshold, macKey: hex(keys.macKey) }
      return { job, encrypted }
    })
    expect(readerOn(cases.map(({ job }) => job))).toEqual(cases.map(({ encrypted }) => hex(encrypted)))
    const { job } = cases[5]
    expect(readerOn([{ ...job, macKey: hex(keys.imageKey) }])).toEqual(['refused: the MAC does not fit'])
  })

  it('rebuilds from shadows of version 1, from the first r and the last r', () => {
    const { macKey, vectors } = fixture('shadow-vector.json')
    const old = vectors.filter(({ version }: { version: number }) => version === 1)
    expect(old).toHaveLength(6)
    const jobs = old.flatMap(({ data, threshold, shadows }: { data: string; threshold: number; shadows: string[] }) => {
      const job = { do: 'rebuild', size: data.length / 2, threshold, macKey }
      return [shadows.slice(0, threshold), shadows.slice(-threshold)].map(some => ({ ...job, shadows: some }))
    })
    expect(readerOn(jobs)).toEqual(old.flatMap(({ data }: { data: string }) => [data, data]))
  })

  it('opens thresholds and metadata of both versions, and no metadata under another key', () => {
    const image = imageId(hex(randomBytes(random, 32)))
    const sharing = sharingId(hex(randomBytes(random, 8)))
    const { imageKey, thresholdKey } = keys
    const threshold = sealThreshold({ threshold: 6, total: 10 }, { image, sharing, thresholdKey, random })
    const plain = randomBytes(random, 50)
    const digest = contentDigest(plain, imageKey)
    const value = { name: 'Schädel.dcm', labels: ['head', 'm r'], time: 1764000000000, digest }
    const sealed = hex(sealMetadata(value, { image, imageKey, random }))
    expect(
      readerOn([
        { do: 'threshold', sealed: hex(threshold), thresholdKey: hex(thresholdKey), image, sharing },
        { do: 'metadata', sealed, imageKey: hex(imageKey), image },
        { do: 'content digest', plain: hex(plain), imageKey: hex(imageKey) },
        { do: 'metadata', sealed, imageKey: hex(thresholdKey), image }
      ])
    ).toEqual([[6, 10], value, digest, 'refused: sealed under another key'])
    const cases = fixture('metadata.json')
    const read = readerOn(cases.map((each: object) => ({ ...each, do: 'metadata' })))
    expect(read).toEqual(cases.map(({ metadata }: { metadata: unknown }) => metadata))
  })

  it('masks and unmasks codes of 8 to 256 bits as the project does', () => {
    const cases = [8, 16, 64, 256].map(bits => {
      const space = { model: hex(randomBytes(random, 32)), view: hex(randomBytes(random, 32)), bits }
      const code = hashCode(randomBytes(random, bits / 8))
      const masked = maskCode(codeMask(keys.indexKey, space), code)
      return { job: { ...space, indexKey: hex(keys.indexKey) }, code: hex(code.bytes), masked: hex(masked.bytes) }
    })
    expect(readerOn(cases.map(({ job, code }) => ({ ...job, do: 'mask', code })))).toEqual(
      cases.map(each => each.masked)
    )
    expect(readerOn(cases.map(({ job, masked }) => ({ ...job, do: 'unmask', code: masked })))).toEqual(
      cases.map(each => each.code)
    )
  })

  it('takes a sharing anew (counter 2) with the word of a second master, and not without', () => {
    const [owner, master, second, ...slaves] = Array.from({ length: 5 }, () => createSigner(randomBytes(random, 32)))
    const digest = hex(randomBytes(random, 32))
    const id = ownedImageId(owner.self, digest)
    const sharing = sharingId(hex(randomBytes(random, 8)))
    const space = { model: digest, view: digest, bits: 8 }
    const wish = { owner: owner.self, master: second.self, time: 5, digest, space, size: 100 }
    const unsigned = { ...wish, code: Uint8Array.of(7), metadata: new Uint8Array(0) }
    const claim = { id, ...unsigned, ownerSignature: owner.sign(claimBytes(unsigned)) }
    const version = { counter: 2, master: master.self }
    const origin = { asked: wish.time, ...version }
    const holders = slaves.map((slave, i) => {
      const held = { number: shadowNumber(i + 1), digest, bytes: 256 }
      return { slave: slave.self, ...held, receipt: slave.sign(receiptBytes({ image: id, sharing, origin, ...held })) }
    })
    const placement = { scheme: 'bai', sharing, total: 2, holders, sealedThreshold: Uint8Array.of(1) }
    const rest = { version, time: 6, claim, placement }
    const signature = second.sign(cosignBytes(rest, second.self))
    const records = [
      { master: second.self, signature },
      { master: second.self, signature: holders[0].receipt },
      undefined
    ]
    const encoded = records.map(cosign => signedRecord({ ...rest, cosign }, message => master.sign(message)).encoded)
    const roles = Object.fromEntries([
      [owner.self, ['owner']],
      ...[master, second].map(({ self }) => [self, ['master']]),
      ...slaves.map(({ self }) => [self, ['slave']])
    ])
    const [good, ...bad] = readerOn(encoded.map(record => ({ do: 'record', record: hex(record), roles })))
    expect(good).toMatchObject({ counter: 2, claim: { image: id } })
    expect(bad).toEqual(['refused: the cosign is not signed', 'refused: no second master'])
  })

  it("reads an owner's key file, and tells whose identity a seed is", () => {
    const owner = keysFor(keys, 'owner')
    const seed = randomBytes(random, 32)
    const jobs = [
      { do: 'keys', text: encodeKeys(owner) },
      { do: 'identity', seed: hex(seed) }
    ]
    const held = { imageKey: hex(keys.imageKey), indexKey: hex(keys.indexKey) }
    expect(readerOn(jobs)).toEqual([held, createSigner(seed).self])
  })
})
