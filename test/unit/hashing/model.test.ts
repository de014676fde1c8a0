import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256Hex } from '../../../base/bytes.ts'
import { randomBytes, seededRandom } from '../../../base/random.ts'
import { hammingDistance } from '../../../hashing/hash-code.ts'
import { hashEach, hashImage } from '../../../hashing/hash-image.ts'
import type { HashModel } from '../../../hashing/hash-model.ts'
import { loadModel } from '../../../hashing/load-model.ts'
import { checkManifest } from '../../../hashing/manifest.ts'
import type { View } from '../../../hashing/view.ts'
import { projection, writeModel } from '../../fixtures/make-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfmedir-model-'))
let fresh = 0
const newFolder = () => join(folder, `${fresh++}`)
const random = seededRandom('views')
const views: View[] = Array.from({ length: 70 }, () => ({ side: 64, pixels: randomBytes(random, 64 * 64) }))
const invalid = { code: 'MODEL_INVALID' }
let model: HashModel

beforeAll(async () => {
  const path = newFolder()
  writeModel(path)
  model = await loadModel(undefined, { folder: path })
})
afterAll(async () => {
  await model.close()
  rmSync(folder, { recursive: true })
})

describe('hash model', () => {
  test('gives the signs of its outputs, computed anew in float64', async () => {
    const [code] = await model.hash(views.slice(0, 1), 16)
    const weights = projection(16)
    for (let k = 0; k < 16; k++) {
      let sum = 0
      for (let i = 0; i < 64 * 64; i++) {
        const cell = Math.floor(i / 512) * 8 + Math.floor((i % 64) / 8)
        sum += (views[0].pixels[i] / 255 / 64) * weights[cell * 16 + k]
      }
      expect((code.bytes[k >> 3] >> (7 - (k & 7))) & 1).toBe(sum >= 0 ? 1 : 0)
    }
  })

  test('70 views in three chunks give the codes that each gives alone, in order', async () => {
    const together = await model.hash(views, 64)
    expect(together.length).toBe(70)
    for (const [i, view] of views.entries()) expect((await model.hash([view], 64))[0]).toEqual(together[i])
    expect(new Set(together.map(code => Buffer.from(code.bytes).toString('hex'))).size).toBeGreaterThan(60)
  })

  test('no views give no codes', async () => {
    expect(await model.hash([], 8)).toEqual([])
  })

  test('names its space by file, view and length', () => {
    const { model: file, view, bits } = model.space(16)
    expect([file.length, view.length, bits]).toEqual([64, 64, 16])
  })

  test('of an entry with a descriptor: the values of its output, rounded, with the digest of the file; its codes are named by another where it says so', async () => {
    const path = newFolder()
    const { digest } = writeModel(path, { descriptor: 8, codesOf: 'c'.repeat(64) })
    const other = await loadModel('test', { folder: path })
    const codes = await other.hash(views, 16)
    expect(codes.map(({ bytes }) => bytes)).toEqual((await model.hash(views, 16)).map(({ bytes }) => bytes))
    expect(other.space(16)).toEqual({ ...model.space(16), model: 'c'.repeat(64) })
    for (const [at, { descriptor }] of codes.entries()) {
      const levels = views[at].pixels.subarray(0, 8) // what this file gives: the first pixels, to be rounded
      expect(descriptor).toEqual({
        model: digest,
        values: Int8Array.from(levels, level => Math.round((127 * level) / 255))
      })
    }
    await other.close()
  })

  test('an entry that promises a descriptor, or one of another size, than its file gives is MODEL_INVALID', async () => {
    const [none, short] = [newFolder(), newFolder()]
    writeModel(none, {}, entry => ({ ...entry, descriptor: 8 }))
    await expect(loadModel('test', { folder: none })).rejects.toMatchObject(invalid)
    writeModel(short, { descriptor: 8 }, entry => ({ ...entry, descriptor: 9 }))
    const other = await loadModel('test', { folder: short })
    await expect(other.hash(views, 16)).rejects.toMatchObject(invalid)
    await other.close()
  })

  test('a length it does not give is CODE_LENGTH_MISMATCH', async () => {
    expect(() => model.space(32)).toThrow(expect.objectContaining({ code: 'CODE_LENGTH_MISMATCH' }))
    await expect(model.hash(views, 32)).rejects.toMatchObject({ code: 'CODE_LENGTH_MISMATCH' })
    await expect(hashImage([new Uint8Array(0)], model, 32)).rejects.toMatchObject({ code: 'CODE_LENGTH_MISMATCH' })
  })

  test('a view of another size is refused', async () => {
    await expect(model.hash([{ side: 32, pixels: new Uint8Array(1024) }], 16)).rejects.toThrow(RangeError)
  })

  test('closes twice, and hashes no more', async () => {
    const path = newFolder()
    writeModel(path)
    const other = await loadModel('test', { folder: path })
    await other.close()
    await other.close()
    await expect(other.hash(views, 8)).rejects.toMatchObject({ code: 'NOT_STARTED' })
  })
})

describe('hashImage', () => {
  test('an image and its brightened PNG are near, another image is far', async () => {
    const picture = (phase: number, gain: number) => {
      const pixels = Uint8Array.from({ length: 90 * 70 }, (_, i) => {
        const [x, y] = [i % 90, Math.floor(i / 90)]
        return gain * (60 + 30 * Math.sin(x / 9 + phase) + 30 * Math.cos((y * (1 + phase)) / 7))
      })
      return sharp(pixels, { raw: { width: 90, height: 70, channels: 1 } })
    }
    const files = await Promise.all([
      picture(0, 1).jpeg({ quality: 95 }).toBuffer(),
      picture(0, 1.5).png().toBuffer(),
      picture(2, 1).jpeg().toBuffer()
    ])
    const [jpeg, png, other] = await hashImage(files, model, 64)
    expect(hammingDistance(jpeg, png)).toBeLessThanOrEqual(4)
    expect(hammingDistance(jpeg, other)).toBeGreaterThan(12)
  })

  test('one bad file fails the whole call', async () => {
    const good = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#888' } })
      .png()
      .toBuffer()
    await expect(hashImage([good, Uint8Array.of(1, 2, 3)], model, 16)).rejects.toMatchObject({ code: 'IMAGE_INVALID' })
  })
})

describe('hashEach', () => {
  test('three files with a bad one between: its error in its place, the others get the codes they have alone, in one run', async () => {
    const grey = (level: string) =>
      sharp({ create: { width: 40, height: 30, channels: 3, background: level } })
        .png()
        .toBuffer()
    const [dark, light] = [await grey('#222'), await grey('#ddd')]
    const runs: number[] = []
    const counting: HashModel = {
      ...model,
      viewSpec: model.viewSpec,
      space: bits => model.space(bits),
      hash: (views, bits) => {
        runs.push(views.length)
        return model.hash(views, bits)
      }
    }
    const [first, bad, last] = await hashEach([dark, Uint8Array.of(1, 2, 3), light], counting, { bits: 64 })
    expect(runs).toEqual([2])
    expect(bad).toMatchObject({ code: 'IMAGE_INVALID' })
    expect([first, last]).toEqual(await hashImage([dark, light], model, 64))
  })
})

describe('loadModel refuses with MODEL_INVALID', () => {
  test('a folder without a manifest, and one that is not JSON', async () => {
    await expect(loadModel('x', { folder: newFolder() })).rejects.toMatchObject(invalid)
    const path = newFolder()
    writeModel(path)
    writeFileSync(join(path, 'manifest.json'), '{')
    await expect(loadModel('test', { folder: path })).rejects.toMatchObject(invalid)
  })

  test('a name that is not in the manifest', async () => {
    const path = newFolder()
    writeModel(path)
    await expect(loadModel('other', { folder: path })).rejects.toMatchObject(invalid)
  })

  test('a file with one bit changed, one missing, one that is not ONNX', async () => {
    const path = newFolder()
    writeModel(path)
    const bytes = readFileSync(join(path, 'test.onnx'))
    bytes[200] ^= 1
    writeFileSync(join(path, 'test.onnx'), bytes)
    await expect(loadModel('test', { folder: path })).rejects.toMatchObject(invalid)
    rmSync(join(path, 'test.onnx'))
    await expect(loadModel('test', { folder: path })).rejects.toMatchObject(invalid)
    const text = Buffer.from('this is not a model')
    writeModel(path, { digest: sha256Hex(text), bytes: text.length })
    writeFileSync(join(path, 'test.onnx'), text)
    await expect(loadModel('test', { folder: path })).rejects.toMatchObject(invalid)
  })

  test('another view recipe, and lengths that the file does not give', async () => {
    for (const changes of [{ viewDigest: '0'.repeat(64) }, { codeBits: [8, 32] }]) {
      const path = newFolder()
      writeModel(path, changes)
      await expect(loadModel('test', { folder: path })).rejects.toMatchObject(invalid)
    }
  })

  test('a side that the file does not take, when it runs', async () => {
    const path = newFolder()
    const { digest, bytes, viewDigest: _, ...rest } = writeModel(path)
    const other = await import('../../../hashing/make-view.ts')
    const view = { version: 1, side: 32 } as const
    writeModel(path, { ...rest, digest, bytes, view, viewDigest: other.viewDigest(view) })
    const wrong = await loadModel('test', { folder: path })
    await expect(wrong.hash([{ side: 32, pixels: new Uint8Array(1024) }], 8)).rejects.toMatchObject(invalid)
    await wrong.close()
  })
})

describe('manifest', () => {
  const entry = {
    name: 'a',
    file: 'a.onnx',
    digest: 'f'.repeat(64),
    bytes: 9,
    view: { version: 1, side: 64 },
    viewDigest: 'e'.repeat(64),
    codeBits: [8, 16]
  }
  const whole = (changes: object) => ({ version: 1, default: 'a', models: [{ ...entry, ...changes }] })

  test('keeps what training wrote beside the fields it knows', () => {
    expect(checkManifest(whole({ seed: 7, figures: { map: 0.9 } })).models[0]).toMatchObject({
      seed: 7,
      figures: { map: 0.9 }
    })
  })

  test('refuses file names with a folder, lengths out of order, short digests, other versions', () => {
    const changes = [
      { file: '../../a.onnx' },
      { file: '/etc/passwd' },
      { codeBits: [16, 8] },
      { codeBits: [12] },
      { codeBits: [] },
      { digest: 'ff' },
      { view: { version: 2, side: 64 } },
      { bytes: 0 }
    ]
    for (const change of changes) expect(() => checkManifest(whole(change))).toThrow(expect.objectContaining(invalid))
    for (const value of [null, [], { ...whole({}), version: 2 }]) {
      expect(() => checkManifest(value)).toThrow(expect.objectContaining(invalid))
    }
  })
})
