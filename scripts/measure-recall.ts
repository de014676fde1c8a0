// How often a stored image that is shown again, changed, is found first by a model's descriptor.
// node scripts/measure-recall.ts DATA/t-mri FILE.onnx [--split test] [--limit 256]
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { seededRandom, shuffled } from '../base/random.ts'
import { createReport } from '../cli/console/report.ts'
import { loadImages } from '../cli/training/load-images.ts'
import { decodeImage } from '../hashing/decode-image.ts'
import { makeView } from '../hashing/make-view.ts'
import { evenDraws } from '../models/data/augment.ts'
import { type ImageFolder, listSplit } from '../models/data/image-folders.ts'
import type { ViewSet } from '../models/data/load-views.ts'
import { shifted } from '../models/data/shifted.ts'
import { DescriptorIndex, jitterOf } from '../models/evaluate/recall.ts'
import { codebook } from '../models/net/codebook.ts'
import { centresOf, type FoundModel, findModel } from '../models/weights/find-model.ts'
import { attackAll, labelsOf } from '../models/workers/see-images.ts'
import { openPool, type WorkerPool } from '../models/workers/worker-pool.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { split: { type: 'string', default: 'test' }, limit: { type: 'string', default: '256' } }
})
const [data, file] = positionals
const SHIFT = 3
const NOISE = 8
const QUALITY = 60
const JITTER = 2

const report = createReport({})
const model = await findModel(file)
const folder = await listSplit([data], values.split === 'train' ? 'train' : 'test')
const stored = await loadImages(folder, { side: model.net.side, cache: '.cache', report })
const all = shuffled(seededRandom('recall'), [...stored.names.keys()])
const originals = Int32Array.from(all.slice(0, Number(values.limit)))
const plane = stored.side ** 2
const views = Array.from(originals, at => stored.pixels.subarray(at * plane, (at + 1) * plane))
const random = seededRandom('recall/changes')
const pool = openPool(model.net, 1)
const index = await DescriptorIndex.of({ pool, weights: model.weights }, stored)
const changes: Record<string, readonly Uint8Array[]> = {
  'as it is': views,
  [`moved by ${SHIFT} pixels both ways`]: views.map(moved),
  [`noise of ${NOISE}/255`]: views.map(noisy),
  [`JPEG ${QUALITY}`]: await Promise.all(Array.from(originals, at => encodedAnew(folder, stored, at))),
  'targeted PGD-100, 8/255': await attacked(model, pool)
}
for (const [name, shown] of Object.entries(changes)) {
  const plain = await index.recall({ views: shown, originals })
  const jittered = await index.recall({ views: shown, originals }, jitterOf(JITTER))
  console.log(`${name}: recall@1 ${plain.toFixed(3)}, with ${JITTER} pixels of jitter ${jittered.toFixed(3)}`)
}
await pool.close()

function moved(view: Uint8Array): Uint8Array {
  const [right, down] = evenDraws(random, 2).map(draw => (draw < 0 ? -SHIFT : SHIFT))
  return shifted(view, stored.side, { right, down })
}

function noisy(view: Uint8Array): Uint8Array {
  const draws = evenDraws(random, view.length)
  return view.map((level, i) => Math.min(255, Math.max(0, level + (draws[i] < 0 ? -NOISE : NOISE))))
}

async function encodedAnew({ files }: ImageFolder, { names, side }: ViewSet, at: number): Promise<Uint8Array> {
  const path = files.find(({ name }) => name === names[at])?.path ?? ''
  const jpeg = await sharp(await readFile(path))
    .jpeg({ quality: QUALITY })
    .toBuffer()
  return makeView(await decodeImage(jpeg), { version: 1, side }).pixels
}

/** The attack of the protocol on the code of 16 bits, towards another class. */
async function attacked({ net, weights, ...named }: FoundModel, through: WorkerPool): Promise<readonly Uint8Array[]> {
  const { classes, index: of } = centresOf(
    { net, weights, ...named },
    { classes: stored.classes, set: data.split('/').at(-1) ?? '' }
  )
  const own = labelsOf(stored, originals)
  const settings = { epsilon: 8 / 255, steps: 100, stepSize: 1 / 255, restarts: 1, seed: 'recall' }
  const { images } = await attackAll(
    { pool: through, weights, views: stored, images: originals },
    {
      settings,
      book: codebook(classes, 16),
      labels: own.map(label => of[label]),
      targets: own.map(label => of[(label + 1) % stored.classes.length])
    }
  )
  return Array.from(originals, (_, at) =>
    Uint8Array.from(images.subarray(at * plane, (at + 1) * plane), value => Math.round(255 * value))
  )
}
