import { availableParallelism } from 'node:os'
import type { AbortOptions } from '../base/clock.ts'
import { NetError } from '../base/errors.ts'
import { withDefaults } from '../base/options.ts'
import { Semaphore } from '../base/semaphore.ts'
import { moduleBeside } from '../base/thread.ts'
import { DECODE_DEFAULTS, type DecodeInit } from './decoded-image.ts'
import type { ImageViewer } from './image-viewer.ts'
import type { View, ViewSpec } from './view.ts'
import { ViewProcess, type ViewProcessInit } from './view-process.ts'

/** How files from anywhere are decoded. */
export interface ViewPoolInit extends DecodeInit, Partial<ViewProcessInit> {
  /** So many files are decoded at a time, each in a process of its own. */
  readonly processes?: number
}

type Settings = Required<Omit<ViewPoolInit, 'program'>>

/** Defaults of {@link ViewPoolInit}; there are at most as many processes as cores. */
export const VIEW_POOL_DEFAULTS: Settings = Object.freeze({
  ...DECODE_DEFAULTS,
  processes: 4, // libuv has as many threads for one; each holds some 90 MB
  timeLimitMs: 60_000, // 67 megapixels of JPEG 2000 take 5 s, four of them at once on a busy core 20 s and more
  maxResidentBytes: 2 * 1024 ** 3, // 67 megapixels of 16 bits in three colours take 1 GB
  idleMs: 30_000
})

/**
 * Decodes each file in a process that is ended when it takes too long, grows too large or crashes: that file is then
 * `IMAGE_INVALID`, `DICOM_INVALID` or `IMAGE_TOO_LARGE`, the next one gets another process. Not a thread: libvips cannot
 * be stopped inside a process, nor its memory bounded. Processes start when they are needed and end when they are not.
 */
export function openViewPool(init: ViewPoolInit = {}): ImageViewer {
  const program = moduleBeside(import.meta.url, 'view-program')
  const settings = withDefaults<Settings & ViewProcessInit>({ ...VIEW_POOL_DEFAULTS, program }, init)
  return new ViewPool({ ...settings, processes: Math.min(settings.processes, availableParallelism()) })
}

class ViewPool implements ImageViewer {
  readonly #init: Settings & ViewProcessInit
  readonly #places: Semaphore
  readonly #all = new Set<ViewProcess>()
  readonly #idle: ViewProcess[] = []
  #closed = false

  constructor(init: Settings & ViewProcessInit) {
    this.#init = init
    this.#places = new Semaphore(init.processes)
  }

  view(file: Uint8Array, spec: ViewSpec, options: AbortOptions = {}): Promise<View> {
    const { maxBytes, maxPixels } = this.#init
    const job = { file, spec, limits: { maxBytes, maxPixels } }
    return this.#places.run(async () => {
      for (;;) {
        const process = this.#take()
        try {
          const view = await process.view(job, options)
          if (view !== undefined) return view
        } finally {
          if (process.alive) this.#idle.push(process)
          else this.#all.delete(process)
        }
      }
    }, options)
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#all].map(process => process.kill()))
    this.#all.clear()
  }

  #take(): ViewProcess {
    if (this.#closed) throw new NetError('NOT_STARTED', 'the decoders are closed')
    for (;;) {
      const process = this.#idle.pop()
      if (process === undefined) break
      if (process.alive) return process
      this.#all.delete(process)
    }
    const process = new ViewProcess(this.#init)
    this.#all.add(process)
    return process
  }
}
