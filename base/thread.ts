import { extname } from 'node:path'
import { parentPort, Worker } from 'node:worker_threads'
import { asError, type ErrorCode, type ErrorDetail, NetError } from './errors.ts'

/** A thread that does jobs, one after the other, while the caller's event loop stays free. */
export interface Thread {
  /** Do a job there. Rejects with what the job threw, or with what ended the thread. */
  run<R>(job: unknown): Promise<R>
  /** End it; jobs under way are rejected. Waits for native code that runs. */
  close(): Promise<void>
}

/** What a thread tells of a job: its result, or what it threw. */
type Told =
  | { readonly result: unknown }
  | { readonly net: { readonly code: ErrorCode; readonly message: string; readonly detail: ErrorDetail } }
  | { readonly error: Error }

interface Waiting {
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

/** The module `name` beside the module at `here` (`import.meta.url`): in the sources and in `dist/` alike. */
export function moduleBeside(here: string, name: string): URL {
  return new URL(`./${name}${extname(new URL(here).pathname)}`, here)
}

/** Start a thread on a module that calls {@link answerJobs}. It keeps the process alive only while it has jobs. */
export function openThread(program: URL, workerData: unknown): Thread {
  const worker = new Worker(program, { workerData })
  const waiting: Waiting[] = [] // it answers in order
  let over: Error | undefined
  worker.unref()
  const end = (cause: unknown): void => {
    over ??= asError(cause)
    for (const { reject } of waiting.splice(0)) reject(over)
  }
  worker.on('message', (told: Told) => {
    const job = waiting.shift()
    if (waiting.length === 0) worker.unref()
    if ('result' in told)
      job?.resolve(told.result as never) // the caller names its type
    else if ('net' in told) job?.reject(new NetError(told.net.code, told.net.message, { detail: told.net.detail }))
    else job?.reject(told.error)
  })
  worker.on('error', end)
  worker.on('exit', () => end(new Error('the thread ended')))
  return {
    run: <R>(job: unknown): Promise<R> =>
      new Promise<R>((resolve, reject) => {
        if (over !== undefined) return reject(over)
        worker.ref()
        waiting.push({ resolve, reject })
        worker.postMessage(job)
      }),
    close: async () => {
      await worker.terminate()
    }
  }
}

/** In a thread that {@link openThread} started: answer every job, in order. */
export function answerJobs<J>(answer: (job: J) => unknown): void {
  let last: Promise<void> = Promise.resolve()
  parentPort?.on('message', (job: J) => {
    last = last.then(async () => parentPort?.postMessage(await outcome(() => answer(job))))
  })
}

async function outcome(work: () => unknown): Promise<Told> {
  try {
    return { result: await work() }
  } catch (error) {
    if (!(error instanceof NetError)) return { error: asError(error) }
    const { code, message, detail } = error
    return { net: { code, message, detail } }
  }
}
