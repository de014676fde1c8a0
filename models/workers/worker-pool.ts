import { asError, NetError } from '../../base/errors.ts'
import { moduleBeside, openThread } from '../../base/thread.ts'
import type { NetConfig } from '../net/net-config.ts'
import type { AttackJob, AttackResult } from '../attack/attack-job.ts'
import type { InferJob, InferResult } from '../net/infer-views.ts'
import type { DescribeJob } from '../net/describe-views.ts'
import type { Job, PrepareJob, StepJob, StepResult } from './worker-jobs.ts'

/** The answer to a job. */
type ResultOf<J extends Job> = J extends StepJob
  ? StepResult
  : J extends InferJob
    ? InferResult
    : J extends AttackJob
      ? AttackResult
      : J extends DescribeJob
        ? Int8Array
        : J extends PrepareJob
          ? undefined
          : never

/** Threads that run graphs, one intra-op thread each, so that the caller's event loop stays free. */
export interface WorkerPool {
  readonly net: NetConfig
  readonly workers: number
  /** Run a job on worker `at`. @throws NetError `INTERNAL` when the worker fails (its words are in the cause) */
  run<J extends Job>(at: number, job: J): Promise<ResultOf<J>>
  close(): Promise<void>
}

/** Start `workers` threads for nets of this shape. */
export function openPool(net: NetConfig, workers: number): WorkerPool {
  const members = Array.from({ length: workers }, () => openWorker(net))
  return {
    net,
    workers,
    run: (at, job) => members[at].run(job),
    close: async () => {
      await Promise.all(members.map(member => member.close()))
    }
  }
}

function openWorker(net: NetConfig) {
  const thread = openThread(moduleBeside(import.meta.url, 'training-worker'), net)
  return {
    run: <J extends Job>(job: J): Promise<ResultOf<J>> =>
      thread.run<ResultOf<J>>(job).catch((cause: unknown) => {
        throw new NetError('INTERNAL', 'a training worker failed', { cause: asError(cause) })
      }),
    close: () => thread.close()
  }
}
