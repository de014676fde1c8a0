// Takes a training run to PyTorch and back, for machines with a GPU (models/torch/train.py).
// node scripts/torch-run.ts export RUN DATA... [--net small] [--side 64] [--seed 1] [--start MODEL]
// node scripts/torch-run.ts import RUN NAME [--out models/trained]
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '../base/random.ts'
import { loadImages } from '../cli/training/load-images.ts'
import { createReport } from '../cli/console/report.ts'
import { AUGMENTATIONS } from '../models/data/augment.ts'
import { type Codebook, codebook } from '../models/net/codebook.ts'
import { findModel } from '../models/weights/find-model.ts'
import { listSplit } from '../models/data/image-folders.ts'
import { type NetConfig, netNamed, parametersOf } from '../models/net/net-config.ts'
import { initialWeights, transferWeights } from '../models/net/parameters.ts'
import { ADVERSARIAL_DEFAULTS, TRAIN_DEFAULTS } from '../models/train/train-settings.ts'
import { splitValidation } from '../models/data/validation-split.ts'
import { writeModel } from '../models/weights/write-model.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    net: { type: 'string', default: TRAIN_DEFAULTS.net },
    side: { type: 'string' },
    seed: { type: 'string', default: TRAIN_DEFAULTS.seed },
    start: { type: 'string' },
    out: { type: 'string', default: 'models/trained' }
  }
})
const report = createReport({})
const [verb, run, ...rest] = positionals
if (verb === 'export' && rest.length > 0) await exportRun(run, rest)
else if (verb === 'import' && rest.length === 1) await importRun(run, rest[0])
else throw new Error('usage: torch-run.ts export RUN DATA...  |  import RUN NAME')

async function exportRun(folder: string, data: readonly string[]): Promise<void> {
  const net = netNamed(values.net, values.side === undefined ? undefined : Number(values.side))
  const views = await loadImages(await listSplit(data, 'train'), { side: net.side, cache: '.cache', report })
  const { training, validation } = splitValidation(views, TRAIN_DEFAULTS.validationShare)
  const task = {
    net,
    parameters: parametersOf(net),
    classes: views.classes,
    labels: [...views.labels],
    training: [...training],
    validation: [...validation],
    books: Object.fromEntries(net.codeBits.map(bits => [bits, rowsOf(codebook(views.classes.length, bits))])),
    augmentations: AUGMENTATIONS,
    settings: TRAIN_DEFAULTS,
    adversarial: ADVERSARIAL_DEFAULTS,
    seed: values.seed,
    start: values.start,
    digest: views.digest
  }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'views.u8'), views.pixels)
  await writeFile(join(folder, 'start.f32'), new Uint8Array((await startOf(net)).slice().buffer))
  await writeFile(join(folder, 'task.json'), JSON.stringify(task))
  console.log(`${folder}: ${training.length} images to learn from, ${validation.length} to choose by`)
}

async function startOf(net: NetConfig): Promise<Float32Array> {
  const weights = initialWeights(net, seededRandom(`${values.seed}/weights`))
  if (values.start === undefined) return weights
  transferWeights(await findModel(values.start), { net, weights })
  return weights
}

function rowsOf({ classes, bits, signs }: Codebook): number[][] {
  return Array.from({ length: classes }, (_, label) => [...signs.subarray(label * bits, (label + 1) * bits)])
}

async function importRun(folder: string, name: string): Promise<void> {
  const task = JSON.parse(await readFile(join(folder, 'task.json'), 'utf8'))
  const { settings, bestEpoch, history } = JSON.parse(await readFile(join(folder, 'result.json'), 'utf8'))
  const bytes = await readFile(join(folder, 'weights.f32'))
  const weights = new Float32Array(Uint8Array.from(bytes).buffer)
  const notes = {
    trainingImages: task.labels.length,
    trainingDigest: task.digest,
    seed: task.seed,
    settings: { start: task.start, ...settings },
    bestEpoch,
    validationAccuracy: history[bestEpoch - 1]
  }
  const entry = await writeModel(values.out, { name, net: task.net, weights, classes: task.classes, notes })
  console.log(`${join(values.out, entry.file)}  epoch ${bestEpoch}`)
}
