import { equals } from 'uint8arrays/equals'
import { isNetError, NetError } from '../../base/errors.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { exampleImage } from '../cluster/cluster.ts'
import type { SeededStream } from '../cluster/seeded-stream.ts'
import type { Theorem4Config } from './config.ts'
import { drawFailed, exactFailure, type FailingSlave, type FailureDraw } from './draw-failures.ts'

/** An image of a trial, as it was stored. */
export interface TrialImage {
  readonly image: ImageId
  readonly bytes: Uint8Array
  readonly holders: readonly PeerId[]
}

/** What one cell's trials are made of. */
export interface TrialPlan {
  readonly draw: FailureDraw
  readonly r: number
  readonly random: SeededStream
  readonly images: readonly TrialImage[]
  readonly slaves: ReadonlyMap<PeerId, FailingSlave>
}

/** How often, and who watches. */
export interface TrialOptions extends Pick<Theorem4Config, 'trials' | 'masterP'> {
  readonly signal?: AbortSignal
  readonly onTrial: (share: number) => void
}

/** What the reads of a cell came to. `trials` are those in which a master answered. */
export interface TrialCount {
  readonly trials: number
  readonly failures: number
  readonly mastersDown: number
  readonly exact: number
}

const AT_ONCE = 4 // stores side by side

/** Store the images that a cell's trials read. */
export async function storeImages(
  cluster: Cluster,
  { images, imageBytes }: Pick<Theorem4Config, 'images' | 'imageBytes'>,
  random: SeededStream
): Promise<TrialImage[]> {
  const stored: TrialImage[] = []
  for (let at = 0; at < images; at += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, images - at) }, () => exampleImage(random, imageBytes))
    const done = batch.map(async bytes => {
      const { id: image, holders } = await cluster.owner.store(bytes)
      return { image, bytes, holders }
    })
    stored.push(...(await cluster.drive(Promise.all(done))))
  }
  return stored
}

/**
 * One cell on real role code: in each trial an image is drawn, its holders fail by the model, the user reads it through
 * the network, and all come back. Undefined when it was interrupted.
 */
export async function readTrials(
  cluster: Cluster,
  { draw, r, random, images, slaves }: TrialPlan,
  { trials, masterP, signal, onTrial }: TrialOptions
): Promise<TrialCount | undefined> {
  let read = 0
  let failures = 0
  let mastersDown = 0
  let exact = 0
  for (let trial = 0; trial < trials; trial++) {
    if (signal?.aborted) return undefined
    const target = random.pick(images)
    const holders = target.holders.map(peer => slaves.get(peer) as FailingSlave) // stored on these slaves
    const names = [...slaves.keys()]
    const gone = [
      ...drawFailed(draw, holders, random).map(({ index }) => names[index]),
      ...cluster.masters.filter(() => masterP > 0 && random.unit() < masterP)
    ]
    for (const peer of gone) cluster.close(peer)
    const outcome = await cluster.drive(readOnce(cluster, target))
    for (const peer of gone) cluster.open(peer)
    if (outcome === 'no master') mastersDown++
    else {
      read++
      exact += exactFailure(draw, holders, r)
      if (outcome === 'unreadable') failures++
    }
    if (trial % 16 === 0) onTrial(trial / trials)
  }
  return { trials: read, failures, mastersDown, exact: read === 0 ? 0 : exact / read }
}

async function readOnce(cluster: Cluster, { image, bytes }: TrialImage): Promise<'read' | 'unreadable' | 'no master'> {
  try {
    const got = await cluster.user.fetch(image)
    if (equals(got, bytes)) return 'read'
  } catch (error) {
    if (isNetError(error, 'NOT_ENOUGH_SHADOWS')) return 'unreadable'
    if (isNetError(error, 'NO_MASTERS', 'PEER_UNREACHABLE', 'REQUEST_TIMEOUT')) return 'no master'
    throw error
  }
  throw new NetError('INVARIANT_BROKEN', 'a read gave other bytes than were stored', { detail: { image } })
}
