// Gives a model a fine descriptor, learnt from the training images of these sets; the model keeps its codes.
// node scripts/train-descriptor.ts DATA... --start joint-robust --name NAME [--seed 1] [--out models/trained]
// With --keep the shipped model itself gets it: its codes and the name of their space stay.
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { createReport } from '../cli/console/report.ts'
import { loadImages } from '../cli/training/load-images.ts'
import { shippedModels } from '../hashing/manifest.ts'
import { listSplit } from '../models/data/image-folders.ts'
import { DESCRIPTOR_DEFAULTS, trainDescriptor } from '../models/train/train-descriptor.ts'
import { findModel } from '../models/weights/find-model.ts'
import { addDescriptor, writeModel } from '../models/weights/write-model.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    start: { type: 'string', default: 'joint-robust' },
    name: { type: 'string', default: 'described' },
    seed: { type: 'string', default: DESCRIPTOR_DEFAULTS.seed },
    values: { type: 'string', default: `${DESCRIPTOR_DEFAULTS.values}` },
    out: { type: 'string', default: 'models/trained' },
    keep: { type: 'boolean', default: false }
  }
})

const report = createReport({})
const start = await findModel(values.start)
const views = await loadImages(await listSplit(positionals, 'train'), { side: start.net.side, cache: '.cache', report })
const { net, weights, settings } = await trainDescriptor(views, {
  settings: { seed: values.seed, values: Number(values.values) },
  start
})
const classes = start.classes ?? views.classes
const command = `node scripts/train-descriptor.ts ${positionals.map(dir => `DATA/${basename(dir)}`).join(' ')} --start ${values.start}`
const notes = {
  start: values.start,
  descriptorImages: views.names.length,
  descriptorDigest: views.digest,
  settings,
  command
}
if (values.keep) await addDescriptor(shippedModels(), values.start, { net, weights, notes })
else await writeNew()

async function writeNew(): Promise<void> {
  const entry = await writeModel(values.out, { name: values.name, net, weights, classes, notes })
  console.log(`${values.out}/${entry.file}`)
}
