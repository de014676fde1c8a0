import { NetError } from '../../base/errors.ts'
import { type NetConfig, netNamed, parametersOf } from '../net/net-config.ts'
import type { TrainSettings } from './train-settings.ts'
import { buildGraph, type GraphKind } from '../net/training-graph.ts'

type Session = readonly [kind: GraphKind, images: number]

const RUNTIME_FACTOR = 2.8 // how ONNX Runtime's memory grows over the live values: measured 2 to 2.8 times
const CONSTANT_COPIES = 2 // in the file's bytes and in the session
const WORKER_BYTES = 110e6 // a thread with its heap, its share of the runtime, and the images of a batch
const WEIGHT_VECTORS = 8 // weights, average, best, two of AdamW, and copies while a checkpoint is written
const MEASURING_BATCH = 32 // of validation: see infer-views.ts and attack-images.ts

/**
 * About how many bytes a training run with these settings takes beside its images, over all workers: from the graphs'
 * tensors, within a sixth of what runs of the net `small` were measured to take.
 */
export function estimateMemory(settings: TrainSettings): number {
  const net = netNamed(settings.net, settings.side)
  const images = settings.batch / settings.workers
  const sessions = [...stepSessions(settings, images), ...measuringSessions(settings)]
  const graphs = sessions.reduce((total, session) => total + sessionBytes(net, session), 0)
  const last = parametersOf(net).at(-1)
  const vectorBytes = 4 * ((last?.offset ?? 0) + (last?.size ?? 0))
  return settings.workers * (WORKER_BYTES + graphs + vectorBytes) + WEIGHT_VECTORS * vectorBytes
}

/**
 * Check that a run's batch fits into `freeBytes` (left out: what this process can still get) before anything is made.
 * @throws NetError `CONFIG_INVALID` that tells the largest batch that fits; its `detail` has `largest`, 0 for none
 */
export function checkBatchFits(settings: TrainSettings, freeBytes: number = process.availableMemory()): void {
  const needBytes = estimateMemory(settings)
  if (needBytes <= freeBytes) return
  const { batch, workers } = settings
  let [fits, tooLarge] = [0, batch / workers] // images of one worker
  while (tooLarge - fits > 1) {
    const images = Math.floor((fits + tooLarge) / 2)
    if (estimateMemory({ ...settings, batch: images * workers }) <= freeBytes) fits = images
    else tooLarge = images
  }
  const largest = fits * workers
  const advice = largest === 0 ? 'no batch fits; take fewer workers' : `the largest batch that fits is ${largest}`
  const sizes = `a batch of ${batch} needs about ${megabytes(needBytes)}, ${megabytes(freeBytes)} are free`
  throw new NetError('CONFIG_INVALID', `${sizes}: ${advice}`, { detail: { needBytes, freeBytes, largest } })
}

/** The graphs that a worker has open for its steps. */
function stepSessions({ adversarial }: TrainSettings, images: number): Session[] {
  if (adversarial === undefined) return [['train', images]]
  if (adversarial.method?.name === 'free') return [['train+attack', images]]
  const trades: readonly GraphKind[] = ['infer', 'trades-attack', 'trades', 'train']
  if (adversarial.method?.name === 'trades') return trades.map(kind => [kind, images])
  const attacked = images - Math.round(images * adversarial.cleanShare)
  return attacked === 0
    ? [['train', images]]
    : [
        ['train', images],
        ['attack', attacked]
      ]
}

function measuringSessions({ adversarial }: TrainSettings): Session[] {
  const clean: Session = ['infer', MEASURING_BATCH]
  return adversarial === undefined ? [clean] : [clean, ['mainstay', MEASURING_BATCH]]
}

function sessionBytes(net: NetConfig, [kind, images]: Session): number {
  const { liveBytes, constantBytes } = buildGraph(net, { kind, images })
  return RUNTIME_FACTOR * liveBytes + CONSTANT_COPIES * constantBytes
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
}
