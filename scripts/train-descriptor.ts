// Trains a fine descriptor on the trunk of a model, which keeps its codes, and writes the model with it.
// node scripts/train-descriptor.ts DATA... --start joint-robust --name NAME [--epochs 15] [--seed 1] [--out models/trained]
import { parseArgs } from 'node:util'
import { createReport } from '../cli/console/report.ts'
import { loadImages } from '../cli/training/load-images.ts'
import { listSplit } from '../models/data/image-folders.ts'
import { DESCRIPTOR_DEFAULTS, trainDescriptor } from '../models/train/train-descriptor.ts'
import { findModel } from '../models/weights/find-model.ts'
import { writeModel } from '../models/weights/write-model.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    start: { type: 'string', default: 'joint-robust' },
    name: { type: 'string', default: 'described' },
    epochs: { type: 'string', default: `${DESCRIPTOR_DEFAULTS.epochs}` },
    seed: { type: 'string', default: DESCRIPTOR_DEFAULTS.seed },
    out: { type: 'string', default: 'models/trained' }
  }
})
const PROGRESS_STEPS = 20

const report = createReport({})
const start = await findModel(values.start)
const views = await loadImages(await listSplit(positionals, 'train'), { side: start.net.side, cache: '.cache', report })
let sum = 0
const { net, weights, settings } = await trainDescriptor(views, {
  settings: { epochs: Number(values.epochs), seed: values.seed },
  start,
  onProgress: ({ step, steps, loss }) => {
    sum += loss
    if (step % PROGRESS_STEPS !== 0) return
    console.log(`step ${step}/${steps}, loss ${(sum / PROGRESS_STEPS).toFixed(4)}`)
    sum = 0
  }
})
const classes = start.classes ?? views.classes
const notes = { start: values.start, descriptorImages: views.names.length, descriptorDigest: views.digest, settings }
const entry = await writeModel(values.out, { name: values.name, net, weights, classes, notes })
console.log(`${values.out}/${entry.file}`)
