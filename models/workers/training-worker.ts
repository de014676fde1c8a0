// A thread that trains, infers and attacks: one job at a time, answered in order.
import { workerData } from 'node:worker_threads'
import { answerJobs } from '../../base/thread.ts'
import { AttackRunner } from '../attack/attack-images.ts'
import { DescribeRunner } from '../net/describe-views.ts'
import { InferRunner } from '../net/infer-views.ts'
import type { NetConfig } from '../net/net-config.ts'
import { StepRunner } from './training-step.ts'
import type { Job, PrepareJob } from './worker-jobs.ts'

const net = workerData as NetConfig // what worker-pool.ts starts this thread with
const inferrer = new InferRunner(net)
const attacker = new AttackRunner(net)
const describer = new DescribeRunner(net)
let trainer: StepRunner | undefined

function answer(job: Job): Promise<unknown> {
  if (job.kind === 'prepare') return prepare(job)
  if (job.kind === 'infer') return inferrer.run(job)
  if (job.kind === 'attack') return attacker.run(job)
  if (job.kind === 'describe') return describer.run(job)
  if (trainer === undefined) throw new RangeError('a step came before prepare')
  return trainer.run(job)
}

async function prepare(job: PrepareJob): Promise<void> {
  await trainer?.close()
  trainer = new StepRunner(net, job)
}

answerJobs(answer)
