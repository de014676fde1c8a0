import { agreement, centreOf, type Codebook } from '../net/codebook.ts'
import type { SessionCache } from '../net/session-cache.ts'
import { Ascent, checkpointsOf } from './ascent.ts'
import { ATTACK_BATCH, type AttackBatch } from './attack-batch.ts'
import type { AttackJob } from './attack-job.ts'
import { margin, slopeFor } from './margin.ts'

const MOST_RIVALS = 9 // as AutoAttack has it: of a joint set the nine classes that are nearest

/**
 * Auto-PGD (Croce and Hein 2020) on the margin between the own and another centre: steps of 2 epsilon that are halved where
 * they bring no more, each time from the best point so far. Untargeted it goes for every other class in turn, nearest first.
 * Every point on the way is looked at, not only the last, and of each image the one with the largest margin is kept.
 */
export async function climbMargins(batch: AttackBatch, job: AttackJob, sessions: SessionCache): Promise<void> {
  const { settings, book, labels, targets } = job
  const session = await sessions.get('margin', ATTACK_BATCH)
  const own = labels.subarray(batch.first, batch.first + batch.count)
  const wanted = targets?.subarray(batch.first, batch.first + batch.count)
  const alpha = { data: new Float32Array(ATTACK_BATCH).fill(1), shape: [1, ATTACK_BATCH] }
  const look = async (): Promise<readonly Float32Array[]> => {
    await session.run(batch.inputs({ alpha }), batch.outputs)
    const rows = batch.readOutputs()
    rows.forEach((z, at) => {
      batch.keep(at, margin(book, z, { own: own[at], wanted: wanted?.[at] }))
    })
    return rows
  }
  const clean = (await look()).map(z => z.slice())
  clean.forEach((z, at) => {
    alpha.data[at] = slopeFor(z)
  })
  const aims = clean.map((z, at) => (wanted === undefined ? rivalsOf(book, own[at], z) : [wanted[at]]))
  const checkpoints = checkpointsOf(settings.steps)
  for (let restart = 0; restart < settings.restarts; restart++) {
    for (let turn = 0; turn < (aims[0]?.length ?? 0); turn++) {
      const directions = aims.map((rivals, at) =>
        // the centre of a target is the mean way to it from all others, as every bit splits the classes in halves
        wanted === undefined ? direction(book, own[at], rivals[turn]) : centreOf(book, rivals[turn])
      )
      directions.forEach((row, at) => {
        batch.aim(at, row)
      })
      batch.start(`apgd/${restart}/${turn}`)
      const ascent = new Ascent(batch, 2 * settings.epsilon)
      for (let step = 0; step < settings.steps; step++) {
        const rows = await look()
        ascent.see(rows.map((z, at) => rise(z, directions[at], alpha.data[at])))
        if (checkpoints.has(step)) ascent.adapt()
        ascent.move()
      }
      await look()
    }
  }
}

/** What the graph `margin` climbs, for one image: the mean over bits of direction · tanh(alpha z). */
function rise(z: Float32Array, row: ArrayLike<number>, alpha: number): number {
  let sum = 0
  for (let k = 0; k < z.length; k++) sum += row[k] * Math.tanh(alpha * z[k])
  return sum / z.length
}

/** The other classes, those first whose centres agree most with the outputs. */
function rivalsOf(book: Codebook, own: number, z: Float32Array): number[] {
  const others = Array.from({ length: book.classes }, (_, label) => label).filter(label => label !== own)
  const agreements = new Map(others.map(label => [label, agreement(book, label, z)]))
  const nearness = (label: number): number => agreements.get(label) ?? 0
  return others.sort((a, b) => nearness(b) - nearness(a) || a - b).slice(0, MOST_RIVALS)
}

/** For each bit in which the two centres differ the sign of `to`, else 0. */
function direction(book: Codebook, from: number, to: number): Float32Array {
  const start = centreOf(book, from)
  return Float32Array.from(centreOf(book, to), (sign, k) => (sign - start[k]) / 2)
}
