import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../base/random.ts'
import { exportModel } from '../../../models/weights/export-model.ts'
import { centresOf, findModel } from '../../../models/weights/find-model.ts'
import { fromHalves, toHalves } from '../../../models/weights/half-floats.ts'
import { checkSameClasses, listFolder, listSplit } from '../../../models/data/image-folders.ts'
import { loadViews } from '../../../models/data/load-views.ts'
import { decodeModel } from '../../../models/weights/model-file.ts'
import { withoutNearDuplicates } from '../../../models/data/near-duplicates.ts'
import { netNamed } from '../../../models/net/net-config.ts'
import { initialWeights } from '../../../models/net/parameters.ts'
import { addNotes, writeModel } from '../../../models/weights/write-model.ts'

let dir: string
let picture: Buffer
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sfmedir-models-'))
  picture = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#408020' } })
    .png()
    .toBuffer()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function folder(name: string, files: Record<string, Uint8Array>): string {
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(dir, name, path, '..'), { recursive: true })
    writeFileSync(join(dir, name, path), bytes)
  }
  return join(dir, name)
}

describe('folders of images', () => {
  it('one class only, no class, an empty class, no folder: DATASET_INVALID', async () => {
    const one = folder('one', { 'a/1.png': picture })
    const none = folder('none', { 'file.png': picture })
    const empty = folder('empty', { 'a/1.png': picture, 'b/.hidden': picture })
    for (const path of [one, none, empty, join(dir, 'missing')]) {
      await expect(listFolder(path), path).rejects.toMatchObject({ code: 'DATASET_INVALID' })
    }
  })

  it('class names that differ between the splits: DATASET_INVALID', () => {
    expect(() => checkSameClasses(['a', 'b'], ['a', 'c'])).toThrow(expect.objectContaining({ code: 'DATASET_INVALID' }))
    expect(checkSameClasses(['a', 'b'], ['b', 'a'])).toBeUndefined()
  })

  it('an unreadable image is named and left out, also from the cache; a class without any is DATASET_INVALID', async () => {
    const path = folder('bad', { 'a/1.png': picture, 'a/2.png': Buffer.from('no image'), 'b/1.png': picture })
    for (let round = 0; round < 2; round++) {
      const views = await loadViews(await listFolder(path), { side: 32, cacheDir: join(dir, 'cache') })
      expect([views.unreadable, views.names, [...views.labels]]).toEqual([['a/2.png'], ['a/1.png', 'b/1.png'], [0, 1]])
    }
    const hopeless = folder('hopeless', { 'a/1.png': picture, 'b/1.png': Buffer.from('no image') })
    await expect(loadViews(await listFolder(hopeless), { side: 32 })).rejects.toMatchObject({ code: 'DATASET_INVALID' })
  })

  it('two sets joined have the classes of both under set/class', async () => {
    const sets = ['x', 'y'].map(name => folder(name, { 'train/a/1.png': picture, 'train/b/1.png': picture }))
    const joined = await listSplit(sets, 'train')
    expect(joined.classes).toEqual(['x/a', 'x/b', 'y/a', 'y/b'])
    expect(joined.files.map(file => file.label)).toEqual([0, 1, 2, 3])
  })

  it('a query equal to a training image is a near duplicate', async () => {
    const views = await loadViews(await listFolder(folder('dup', { 'a/1.png': picture, 'b/1.png': picture })), {
      side: 32
    })
    expect([...withoutNearDuplicates(views, views)]).toEqual([])
  })
})

describe('model files', () => {
  const net = netNamed('micro')
  const weights = initialWeights(net, seededRandom('file'))
  const bytes = exportModel(net, weights)

  it('give back the net and its weights at half precision', () => {
    const read = decodeModel(bytes)
    expect(read.net).toEqual(net)
    expect(
      read.weights.every((value, at) => Math.abs(value - weights[at]) <= Math.abs(weights[at]) * 2 ** -11 + 2 ** -25)
    ).toBe(true)
  })

  it('cut short, empty, or with a weight that is not a number: MODEL_INVALID', () => {
    const broken = exportModel(net, Float32Array.from(weights).fill(Number.NaN, 5, 6))
    for (const bad of [bytes.subarray(0, bytes.length >> 1), new Uint8Array(0), Buffer.from('not a model'), broken]) {
      expect(() => decodeModel(bad)).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }))
    }
  })

  it('halves round to nearest even, keep subnormals and infinity', () => {
    const values = Float32Array.of(
      0,
      -0,
      1,
      65504,
      65520,
      2 ** -24,
      2 ** -25,
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      -0.1,
      Number.POSITIVE_INFINITY
    )
    const expected = [
      0,
      -0,
      1,
      65504,
      Number.POSITIVE_INFINITY,
      2 ** -24,
      0,
      1,
      1 + 2 ** -9,
      -0.0999755859375,
      Number.POSITIVE_INFINITY
    ]
    expect([...fromHalves(toHalves(values))]).toEqual(expected)
    expect(fromHalves(toHalves(Float32Array.of(Number.NaN)))[0]).toBeNaN()
  })

  it('are found by name with their digest checked, and another file under the name is MODEL_INVALID', async () => {
    const models = join(dir, 'models')
    await writeModel(models, { name: 'm', net, weights, classes: ['x/a', 'x/b'], notes: {} })
    await addNotes(models, 'm', { figures: { map: 1 } })
    const found = await findModel('m', [models])
    expect([...centresOf(found, { classes: ['b', 'a'], set: 'x' }).index]).toEqual([1, 0])
    expect(() => centresOf(found, { classes: ['c'], set: 'x' })).toThrow(
      expect.objectContaining({ code: 'DATASET_INVALID' })
    )
    expect([found.robust, found.split]).toEqual([false, undefined])
    await addNotes(models, 'm', { settings: { adversarial: { epsilon: 0.03 } }, split: 'clusters', splitSeed: '1' })
    expect(await findModel('m', [models])).toMatchObject({ robust: true, split: 'clusters', splitSeed: '1' })
    await addNotes(models, 'm', { settings: undefined, command: 'sfmedir train --data DATA --adversarial' })
    expect((await findModel('m', [models])).robust).toBe(true)
    await expect(findModel('n', [models])).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    await expect(findModel(join(dir, 'no.onnx'))).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    writeFileSync(
      join(models, 'm.onnx'),
      exportModel(
        net,
        weights.map(value => -value)
      )
    )
    await expect(findModel('m', [models])).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  })

  it('are found by name in models/trained of the folder that the verb runs in, after the shipped ones', async () => {
    const home = process.cwd()
    await writeModel(join(dir, 'models/trained'), { name: 'mine', net, weights, classes: ['a', 'b'], notes: {} })
    process.chdir(dir)
    try {
      expect(await findModel('mine')).toMatchObject({ name: 'mine', classes: ['a', 'b'] })
      await expect(findModel('n')).rejects.toThrow(/there are .*-clean.*, mine$/)
    } finally {
      process.chdir(home)
    }
  })
})
