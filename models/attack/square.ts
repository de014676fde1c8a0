import { type Random, randomBelow, randomUnit, seededRandom } from '../../base/random.ts'
import type { SessionCache } from '../net/session-cache.ts'
import { ATTACK_BATCH, type AttackBatch, copyPart } from './attack-batch.ts'
import type { AttackJob } from './attack-job.ts'
import { type Aim, margin, slopeFor, softMargin } from './margin.ts'

const FIRST_SHARE = 0.8 // of the view that the first square covers
/** Of 10,000 tries those after which squares are half as large. */
const HALVED_AFTER = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]

/**
 * The Square attack (Andriushchenko et al. 2020): stripes at ±epsilon, then squares of one sign at random places, each kept
 * where it raises the margin. It sees outputs only, no gradient: what it finds and gradients do not is a masked gradient.
 */
export async function searchSquares(batch: AttackBatch, job: AttackJob, sessions: SessionCache): Promise<void> {
  const { settings, book, labels, targets, images } = job
  const session = await sessions.get('infer', ATTACK_BATCH)
  const aims: Aim[] = Array.from({ length: batch.count }, (_, at) => ({
    own: labels[batch.first + at],
    wanted: targets?.[batch.first + at]
  }))
  const look = async (): Promise<readonly Float32Array[]> => {
    await session.run(batch.plainInputs, batch.codes)
    const rows = batch.readOutputs()
    rows.forEach((z, at) => {
      batch.keep(at, margin(book, z, aims[at]))
    })
    return rows
  }
  const slopes = (await look()).map(slopeFor)
  const rise = (z: Float32Array, at: number): number => softMargin(book, z, { aim: aims[at], alpha: slopes[at] })
  for (let restart = 0; restart < settings.restarts; restart++) {
    const random = seededRandom(`${settings.seed}/square/${images[batch.first]}/${restart}`)
    layStripes(batch, settings.epsilon, random)
    const tops = (await look()).map(rise)
    const kept = batch.x.slice()
    for (let step = 1; step < settings.steps; step++) {
      laySquares(batch, { epsilon: settings.epsilon, share: shareAt(step / settings.steps), random })
      const risen = (await look()).map(rise)
      risen.forEach((value, at) => {
        const isBetter = value > tops[at]
        if (isBetter) tops[at] = value
        copyPart(isBetter ? batch.x : kept, isBetter ? kept : batch.x, at)
      })
    }
  }
}

/** Share of the view that a square covers at this part (0 to 1) of the run. */
export function shareAt(part: number): number {
  return FIRST_SHARE / 2 ** HALVED_AFTER.filter(tries => part * 10_000 > tries).length
}

function layStripes(batch: AttackBatch, epsilon: number, random: Random): void {
  const { side, plane } = sizesOf(batch)
  for (let at = 0; at < batch.count; at++) {
    const signs = Array.from({ length: side }, () => signOf(random))
    for (let i = 0; i < plane; i++) place(batch, at * plane + i, signs[i % side] * epsilon)
  }
}

function laySquares(
  batch: AttackBatch,
  { epsilon, share, random }: { epsilon: number; share: number; random: Random }
): void {
  const { side, plane } = sizesOf(batch)
  const width = Math.min(side - 1, Math.max(1, Math.round(Math.sqrt(share) * side)))
  for (let at = 0; at < batch.count; at++) {
    const [left, top] = [randomBelow(random, side - width + 1), randomBelow(random, side - width + 1)]
    const change = signOf(random) * epsilon
    for (let y = top; y < top + width; y++) {
      for (let x = left; x < left + width; x++) place(batch, at * plane + y * side + x, change)
    }
  }
}

function place(batch: AttackBatch, i: number, change: number): void {
  batch.x[i] = batch.within(i, batch.original[i] + change)
}

function signOf(random: Random): number {
  return randomUnit(random) < 0.5 ? -1 : 1
}

function sizesOf({ x }: AttackBatch): { side: number; plane: number } {
  const plane = x.length / ATTACK_BATCH
  return { side: Math.sqrt(plane), plane }
}
