import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clusterSplit } from '../../../models/data/cluster-split.ts'
import { type ImageFolder, listWhole } from '../../../models/data/image-folders.ts'
import { listedSplit } from '../../../models/data/listed-split.ts'
import type { ViewSet } from '../../../models/data/load-views.ts'
import { nearDuplicateClusters } from '../../../models/data/near-duplicates.ts'
import { clusters, stripes } from './synthetic-views.ts'

const SIDE = 32
let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sfmedir-split-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function dataSet(name: string): string {
  for (const path of ['train/a/1', 'train/a/2', 'train/b/1', 'test/a/1', 'test/b/1', 'test/b/2']) {
    mkdirSync(join(dir, name, path, '..'), { recursive: true })
    writeFileSync(join(dir, name, path), path)
  }
  return join(dir, name)
}

function csv(rows: readonly string[]): string {
  const path = join(dir, 'split.csv')
  writeFileSync(path, `${rows.join('\n')}\n`)
  return path
}

describe('a split from a file', () => {
  it('takes images from both folders by their path, and counts those without a row', async () => {
    const whole = await listWhole([dataSet('listed')])
    const rows = ['file,split', 'test/a/1,train', 'train/b/1,train', 'train/a/2,test', 'test/b/2,test']
    const { train, test, leftOut } = await listedSplit(whole, csv(rows))
    expect(train.files.map(file => [file.name, file.label])).toEqual([
      ['train/b/1', 1],
      ['test/a/1', 0]
    ])
    expect(test.files.map(file => file.name)).toEqual(['train/a/2', 'test/b/2'])
    expect([train.classes, leftOut]).toEqual([['a', 'b'], 2])
  })

  const good = ['file,split', 'train/a/1,train', 'train/b/1,train', 'test/a/1,test', 'test/b/1,test']
  for (const { what, rows, row } of [
    { what: 'an unknown file', rows: [...good, 'train/a/9,train'], row: 6 },
    { what: 'another part', rows: [...good, 'train/a/2,validation'], row: 6 },
    { what: 'no comma', rows: ['file,split', 'train/a/1'], row: 2 },
    { what: 'an empty row in between', rows: ['file,split', '', 'train/a/1,train'], row: 2 },
    { what: 'a file twice', rows: [...good, 'train/a/1,test'], row: 6 }
  ]) {
    it(`${what}: CONFIG_INVALID naming row ${row}`, async () => {
      const whole = await listWhole([dataSet('listed')])
      await expect(listedSplit(whole, csv(rows))).rejects.toMatchObject({ code: 'CONFIG_INVALID', detail: { row } })
    })
  }

  it('another header is CONFIG_INVALID, no file FILE_UNREADABLE, a class without test images DATASET_INVALID', async () => {
    const whole = await listWhole([dataSet('listed')])
    await expect(listedSplit(whole, csv(['path,part']))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(listedSplit(whole, join(dir, 'none.csv'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    await expect(listedSplit(whole, csv(good.slice(0, 4)))).rejects.toMatchObject({ code: 'DATASET_INVALID' })
  })

  it('class names that differ between the folders: DATASET_INVALID', async () => {
    const path = dataSet('differs')
    mkdirSync(join(path, 'test/c'))
    writeFileSync(join(path, 'test/c/1'), '')
    await expect(listWhole([path])).rejects.toMatchObject({ code: 'DATASET_INVALID' })
  })

  it('two sets joined have set/split/class/file names', async () => {
    const { classes, files } = await listWhole([dataSet('x'), dataSet('y')])
    expect(classes).toEqual(['x/a', 'x/b', 'y/a', 'y/b'])
    expect(files[0]).toMatchObject({ name: 'x/train/a/1', label: 0 })
    expect(files[files.length - 1]).toMatchObject({ name: 'y/test/b/2', label: 3 })
  })
})

/** The views of {@link clusters}, and the folder that they would come from. */
function clustered(sizes: readonly (readonly number[])[]): { whole: ImageFolder; views: ViewSet } {
  const views = clusters(sizes, SIDE)
  const files = views.names.map((name, at) => ({
    path: name,
    name,
    label: views.labels[at],
    bytes: 1,
    modifiedMs: 0
  }))
  return { whole: { classes: views.classes, files }, views }
}

const NAMES = (folder: ImageFolder): string[] => folder.files.map(file => file.name)

describe('a split along near-duplicate clusters', () => {
  const sizes = [
    [30, 10, 8, ...new Array(52).fill(1)],
    [5, 5, 5, 5, ...new Array(30).fill(1)],
    [20, 20, 20, 20, 20]
  ]
  const { whole, views } = clustered(sizes)

  it('puts whole clusters on one side, every image on one, and 20 % of each class in the test part', () => {
    const roots = nearDuplicateClusters([views])
    expect(new Set(roots).size).toBe(sizes.flat().length)
    const { train, test, clusters: counts } = clusterSplit(whole, views, '1')
    expect([...NAMES(train), ...NAMES(test)].sort()).toEqual([...views.names].sort())
    const rootsOf = (folder: ImageFolder) => new Set(NAMES(folder).map(name => roots[views.names.indexOf(name)]))
    expect([...rootsOf(test)].filter(root => rootsOf(train).has(root))).toEqual([])
    expect(counts).toEqual({ train: rootsOf(train).size, test: rootsOf(test).size })
    expect(sizes.map((_, label) => test.files.filter(file => file.label === label).length)).toEqual([20, 10, 20])
  })

  it('is the same for the same seed, another for another', () => {
    const tested = (seed: string) => NAMES(clusterSplit(whole, views, seed).test)
    expect(tested('1')).toEqual(tested('1'))
    expect(tested('2')).not.toEqual(tested('1'))
  })

  it('a class that is one cluster cannot be split: DATASET_INVALID', () => {
    const { whole, views } = clustered([[40], new Array(40).fill(1)])
    expect(() => clusterSplit(whole, views, '1')).toThrow(expect.objectContaining({ code: 'DATASET_INVALID' }))
  })

  it('images that could not be read are in neither part', () => {
    const unread = { ...whole.files[0], name: 'train/class-0/unread' }
    const { train, test } = clusterSplit({ ...whole, files: [...whole.files, unread] }, views, '1')
    expect(train.files.length + test.files.length).toBe(whole.files.length)
  })
})

describe('sfmedir train and evaluate with --split clusters', () => {
  const sfmedir = (...flags: string[]): string =>
    execFileSync(process.execPath, ['cli/main.ts', ...flags, '--cache', join(dir, 'cache'), '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe']
    })

  it('use the same images on the same sides, and the manifest says which split it was', async () => {
    const images = stripes({ images: 80, side: SIDE, seed: 'split verb' })
    for (const [at, label] of images.labels.entries()) {
      const folder = join(dir, 'stripes', at < 40 ? 'train' : 'test', `class-${label}`)
      mkdirSync(folder, { recursive: true })
      const plane = Buffer.from(images.pixels.slice(at * SIDE ** 2, (at + 1) * SIDE ** 2))
      const raw = { width: SIDE, height: SIDE, channels: 1 } as const
      await sharp(plane, { raw })
        .png()
        .toFile(join(folder, `${at}.png`))
    }
    const set = ['--data', join(dir, 'stripes'), '--split', 'clusters', '--split-seed', '7']
    const out = join(dir, 'out')
    const net = ['--net', 'micro', '--side', '32', '--epochs', '1', '--batch', '8']
    const trained = JSON.parse(sfmedir('train', ...set, ...net, '--name', 'split', '--out', out))
    const [entry] = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')).models
    expect(entry).toMatchObject({ split: 'clusters', splitSeed: '7', testImages: trained.testImages })
    const measured = JSON.parse(sfmedir('evaluate', ...set, '--model', join(out, 'split.onnx'), '--bits', '16'))
    expect([measured.queries, measured.database]).toEqual([trained.testImages, entry.trainingImages])
    expect(measured.queries + measured.database).toBe(80)
    const all = ['--model', join(out, 'split.onnx'), '--all-bits', '--report', join(dir, 'report')]
    const lines = sfmedir('evaluate', ...set, ...all)
      .trim()
      .split('\n')
    expect(lines.map(line => JSON.parse(line).bits)).toEqual([8, 16, 32, 64])
    const report = readFileSync(join(dir, 'report', 'report.md'), 'utf8')
    expect(report).toContain('split: near-duplicate clusters, seed 7')
  }, 60_000)
})
