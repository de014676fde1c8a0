import { agreement, centreOf } from '../net/codebook.ts'
import type { SessionCache } from '../net/session-cache.ts'
import { ATTACK_BATCH, type AttackBatch } from './attack-batch.ts'
import type { AttackJob } from './attack-job.ts'

/** SAAT's sharpness of tanh by tenths of the run: soft at first, so that saturated codes still give a gradient. */
const ALPHA_BY_TENTH = [0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.3, 0.5, 0.7, 1]

/** PGD with SAAT's loss and schedule; each restart is looked at where it ends. */
export async function descend(batch: AttackBatch, job: AttackJob, sessions: SessionCache): Promise<void> {
  const { book, labels, targets, settings } = job
  const session = await sessions.get('mainstay', ATTACK_BATCH)
  const aims = (targets ?? labels).subarray(batch.first, batch.first + batch.count)
  aims.forEach((label, at) => {
    batch.aim(at, centreOf(book, label))
  })
  const sign = { data: Float32Array.of(targets === undefined ? 1 : -1), shape: [1, 1] }
  const inputs = (alpha: number) => batch.inputs({ sign, alpha: { data: Float32Array.of(alpha), shape: [1, 1] } })
  for (let restart = 0; restart < settings.restarts; restart++) {
    batch.start(`${restart}`)
    for (let step = 0; step < settings.steps; step++) {
      await session.run(inputs(ALPHA_BY_TENTH[Math.floor((10 * step) / settings.steps)]), batch.outputs)
      move(batch, settings.stepSize)
    }
    await session.run(inputs(1), batch.outputs)
    batch.readOutputs().forEach((z, at) => {
      // farthest from the own centre, or nearest to the target
      batch.keep(at, (targets === undefined ? -1 : 1) * agreement(book, aims[at], z))
    })
  }
}

function move(batch: AttackBatch, stepSize: number): void {
  const { x, outputs } = batch
  const dx = outputs.dx.data
  for (let i = 0; i < x.length; i++) {
    x[i] = batch.within(i, x[i] - (dx[i] > 0 ? stepSize : dx[i] < 0 ? -stepSize : 0))
  }
}
