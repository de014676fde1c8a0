// Writes test/fixtures/model-samples.json: for each shipped model its mAP@100 at 16 bits on a fixed sample of images.
// node scripts/write-model-samples.ts DATA   (DATA holds t-mri, a-mri and k-ct)
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom, shuffled } from '../base/random.ts'
import { loadModel } from '../hashing/load-model.ts'
import { readManifest, shippedModels } from '../hashing/manifest.ts'
import { listSplit } from '../models/data/image-folders.ts'
import { type ImageSample, sampleMap } from '../models/evaluate/sample-figures.ts'

const data = process.argv[2]
const SETS = ['t-mri', 'a-mri', 'k-ct']

async function pick(set: string, split: 'train' | 'test', count: number): Promise<string[]> {
  const { files } = await listSplit([join(data, set)], split)
  return shuffled(seededRandom(`sample/${set}/${split}`), files)
    .slice(0, count)
    .map(file => `${split}/${file.name}`)
}

const samples: ImageSample[] = []
for (const set of SETS)
  samples.push({ set, queries: await pick(set, 'test', 40), database: await pick(set, 'train', 120) })
const figures: { model: string; set: string; bits: number; map100: number }[] = []
for (const { name } of (await readManifest(shippedModels())).models) {
  const model = await loadModel(name)
  const own = SETS.filter(set => name.startsWith(set))
  for (const sample of samples.filter(({ set }) => own.length === 0 || own.includes(set))) {
    figures.push({ model: name, set: sample.set, bits: 16, map100: await sampleMap(data, sample, { model, bits: 16 }) })
  }
  await model.close()
}
writeFileSync(
  join(import.meta.dirname, '../test/fixtures/model-samples.json'),
  `${JSON.stringify({ samples, figures }, null, 1)}\n`
)
