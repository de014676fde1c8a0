// A process that makes views of image files, one at a time, for the peer that started it (view-process.ts). What decodes
// here is C, WebAssembly and JavaScript of others, on bytes of anybody: it may hang, grow or crash, and is ended for it.
import { writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import sharp from 'sharp'
import { systemClock } from '../base/clock.ts'
import { isNetError } from '../base/errors.ts'
import { moduleBeside } from '../base/thread.ts'
import { viewImage } from './image-viewer.ts'
import type { ViewJob, ViewOutcome } from './view-process.ts'

const [maxResidentBytes, idleMs] = process.argv.slice(2).map(Number)
let cancelIdle = (): void => {} // not before the file for which it was started

function leave(): void {
  process.exit()
}

/** Where memory runs out, Linux ends this process before the peer. */
function volunteer(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000')
  } catch {
    // another system
  }
}

async function outcomeOf({ file, spec, limits }: ViewJob): Promise<ViewOutcome> {
  try {
    return { view: await viewImage(file, spec, limits) }
  } catch (error) {
    if (!isNetError(error)) throw error
    const { code, message, detail } = error
    return { code, message, detail }
  }
}

sharp.cache(false)
sharp.concurrency(1)
volunteer()
new Worker(moduleBeside(import.meta.url, 'view-watchdog'), { workerData: { maxResidentBytes } })
process.on('message', async (job: ViewJob) => {
  cancelIdle()
  process.send?.(await outcomeOf(job))
  cancelIdle = systemClock.setTimer(idleMs, leave)
})
process.on('disconnect', leave)
process.send?.({ started: true } satisfies ViewOutcome)
