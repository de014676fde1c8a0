import { Worker } from 'node:worker_threads'
import { moduleBeside } from '../../base/thread.ts'
import { runSoak, type SoakInit, type SoakResult } from './run-soak.ts'

/** What a thread tells. */
type Told = { readonly done: number } | { readonly result: SoakResult }

const SHARE = 25 // seeds that a thread is given at a time: an interrupted soak keeps the shares that are done

/** {@link runSoak} over several threads. The same seeds give the same result, however many threads. */
export async function runParallelSoak(init: SoakInit, threads: number): Promise<SoakResult> {
  if (threads <= 1 || init.planted !== undefined) return runSoak(init)
  const { signal, onProgress, onViolation, ...plain } = init
  const shares = Array.from({ length: Math.ceil(init.seeds / SHARE) }, (_, k) => ({
    ...plain,
    firstSeed: init.firstSeed + k * SHARE,
    seeds: Math.min(SHARE, init.seeds - k * SHARE)
  }))
  const results: SoakResult[] = []
  const running = new Map<number, number>()
  let next = 0
  const report = (): void => {
    const seeds = results.reduce((sum, one) => sum + (one?.seeds ?? 0), 0)
    const done = seeds + [...running.values()].reduce((sum, count) => sum + count, 0)
    onProgress?.(done / init.seeds, `${Math.floor(done)} seeds`)
  }
  const work = async (): Promise<void> => {
    while (next < shares.length && !signal?.aborted) {
      const at = next++
      results[at] = await runShare(shares[at], done => {
        running.set(at, done)
        report()
      })
      running.delete(at)
      for (const { seed, ...violation } of results[at].violations) onViolation?.(seed, violation)
    }
  }
  await Promise.all(Array.from({ length: threads }, work))
  return merge(results.filter(result => result !== undefined))
}

function runShare(share: SoakInit, onDone: (seeds: number) => void): Promise<SoakResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(moduleBeside(import.meta.url, 'soak-worker'), { workerData: share })
    worker.on('message', (told: Told) => ('result' in told ? resolve(told.result) : onDone(told.done)))
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('a soak thread ended early'))) // too late to matter when it has told
  })
}

function merge(results: readonly SoakResult[]): SoakResult {
  const zero: SoakResult = {
    seeds: 0,
    virtualHours: 0,
    events: 0,
    stores: 0,
    refusedStores: 0,
    reads: 0,
    refusedReads: 0,
    deletions: 0,
    violations: []
  }
  return results.reduce(
    (sum, one) => ({
      seeds: sum.seeds + one.seeds,
      virtualHours: sum.virtualHours + one.virtualHours,
      events: sum.events + one.events,
      stores: sum.stores + one.stores,
      refusedStores: sum.refusedStores + one.refusedStores,
      reads: sum.reads + one.reads,
      refusedReads: sum.refusedReads + one.refusedReads,
      deletions: sum.deletions + one.deletions,
      violations: [...sum.violations, ...one.violations]
    }),
    zero
  )
}
