// How often a stored image that is shown again, changed, is found first by a model's descriptor.
// node scripts/measure-recall.ts DATA/t-mri DATA/a-mri DATA/k-ct --model joint-robust [--split train] [--limit 256] [--steps 100]
// All images of the split are stored together; --limit of each set are shown again.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { seededRandom, shuffled } from '../base/random.ts'
import { createReport } from '../cli/console/report.ts'
import { loadImages } from '../cli/training/load-images.ts'
import { decodeImage } from '../hashing/decode-image.ts'
import { makeView } from '../hashing/make-view.ts'
import { attackDescriptor } from '../models/attack/attack-descriptor.ts'
import { evenDraws } from '../models/data/augment.ts'
import { listSplit } from '../models/data/image-folders.ts'
import { shifted } from '../models/data/shifted.ts'
import { DescriptorIndex } from '../models/evaluate/recall.ts'
import { codebook } from '../models/net/codebook.ts'
import { centresOf, findModel } from '../models/weights/find-model.ts'
import { attackAll, labelsOf } from '../models/workers/see-images.ts'
import { openPool } from '../models/workers/worker-pool.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'joint-robust' },
    split: { type: 'string', default: 'train' },
    limit: { type: 'string', default: '256' },
    steps: { type: 'string', default: '100' }
  }
})
const SHIFT = 3
const NOISE = 8
const QUALITY = 60
const EPSILON = 8 / 255
const steps = Number(values.steps)

const model = await findModel(values.model)
const folder = await listSplit(positionals, values.split === 'train' ? 'train' : 'test')
const stored = await loadImages(folder, { side: model.net.side, cache: '.cache', report: createReport({}) })
const plane = stored.side ** 2
const pool = openPool(model.net, 1)
const index = await DescriptorIndex.of({ pool, weights: model.weights }, stored)
const centres = centresOf(model, {
  classes: stored.classes,
  set: positionals.length === 1 ? basename(positionals[0]) : ''
})
console.log(`${stored.names.length} stored images`)
const setOf = stored.names.map(name => (positionals.length === 1 ? '' : name.slice(0, name.indexOf('/'))))
for (const set of new Set(setOf)) await measure(set === '' ? basename(positionals[0]) : set, ofSet(set))
await pool.close()

function ofSet(set: string): Int32Array {
  const all = [...stored.names.keys()].filter(at => setOf[at] === set)
  return Int32Array.from(shuffled(seededRandom('recall'), all).slice(0, Number(values.limit)))
}

async function measure(set: string, originals: Int32Array): Promise<void> {
  const random = seededRandom('recall/changes')
  const views = Array.from(originals, at => stored.pixels.subarray(at * plane, (at + 1) * plane))
  const say = async (change: string, shown: readonly Uint8Array[]): Promise<void> => {
    console.log(`${set}, ${change}: recall@1 ${(await index.recall({ views: shown, originals })).toFixed(3)}`)
  }
  const moved = (view: Uint8Array, by: number): Uint8Array => {
    const [right, down] = evenDraws(random, 2).map(draw => (draw < 0 ? -by : by))
    return shifted(view, stored.side, { right, down })
  }
  const noisy = (view: Uint8Array): Uint8Array => {
    const draws = evenDraws(random, view.length)
    return view.map((level, i) => Math.min(255, Math.max(0, level + (draws[i] < 0 ? -NOISE : NOISE))))
  }
  await say('as it is', views)
  await say(
    `moved by ${SHIFT} pixels both ways`,
    views.map(view => moved(view, SHIFT))
  )
  await say(`noise of ${NOISE}/255`, views.map(noisy))
  await say(`JPEG ${QUALITY}`, await Promise.all(Array.from(originals, encodedAnew)))
  await say(`targeted PGD-${steps} on the code, ${NOISE}/255`, await codeAttacked(originals))
  const { net, weights } = model
  const others = shuffled(random, [...views])
  for (const [goal, towards] of [
    ['away from the own', undefined],
    ["towards another's", others]
  ] as const) {
    const attack = { epsilon: EPSILON, steps, stepSize: 1 / 255, towards, random }
    await say(
      `PGD-${steps} on the descriptor ${goal}, ${NOISE}/255`,
      await attackDescriptor({ net, weights }, views, attack)
    )
  }
}

async function encodedAnew(at: number): Promise<Uint8Array> {
  const path = folder.files.find(({ name }) => name === stored.names[at])?.path ?? ''
  const jpeg = await sharp(await readFile(path))
    .jpeg({ quality: QUALITY })
    .toBuffer()
  return makeView(await decodeImage(jpeg), { version: 1, side: stored.side }).pixels
}

/** The attack of the protocol on the code of 16 bits, towards another class. */
async function codeAttacked(images: Int32Array): Promise<readonly Uint8Array[]> {
  const own = labelsOf(stored, images)
  const settings = { epsilon: EPSILON, steps, stepSize: 1 / 255, restarts: 1, seed: 'recall' }
  const { images: attacked } = await attackAll(
    { pool, weights: model.weights, views: stored, images },
    {
      settings,
      book: codebook(centres.classes, 16),
      labels: own.map(label => centres.index[label]),
      targets: own.map(label => centres.index[(label + 1) % stored.classes.length])
    }
  )
  return Array.from(images, (_, at) =>
    Uint8Array.from(attacked.subarray(at * plane, (at + 1) * plane), value => Math.round(255 * value))
  )
}
