import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type AbortOptions, type Deadline, deadline, systemClock } from '../base/clock.ts'
import { type ErrorCode, type ErrorDetail, NetError } from '../base/errors.ts'
import type { DecodeInit } from './decoded-image.ts'
import { sniffFormat } from './sniff-format.ts'
import type { View, ViewSpec } from './view.ts'

/** What the process is asked. */
export interface ViewJob {
  readonly file: Uint8Array
  readonly spec: ViewSpec
  readonly limits: DecodeInit
}

/** What it answers: that it has started, then for each file a view or what is wrong with it. */
export type ViewOutcome =
  | { readonly started: true }
  | { readonly view: View }
  | { readonly code: ErrorCode; readonly message: string; readonly detail: ErrorDetail }

/** What a process of decoders may take. */
export interface ViewProcessInit {
  /** The program it runs. */
  readonly program: URL
  /** A file that takes longer is given up, in ms. */
  readonly timeLimitMs: number
  /** The memory of the whole process, in bytes. */
  readonly maxResidentBytes: number
  /** Without work for so long, it ends itself, in ms. */
  readonly idleMs: number
}

const TOLD_ENV = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot'] // no secret of the peer's own

/** A process that makes views, one at a time; it is ended when a file takes too long or too much. */
export class ViewProcess {
  readonly #init: ViewProcessInit
  readonly #child: ChildProcess
  #started = false
  #killed = false

  constructor(init: ViewProcessInit) {
    this.#init = init
    this.#child = fork(fileURLToPath(init.program), [`${init.maxResidentBytes}`, `${init.idleMs}`], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'], // what C libraries print is nobody's business
      execArgv: [],
      env: Object.fromEntries(TOLD_ENV.map(name => [name, process.env[name]]))
    })
    this.#child.on('error', () => {}) // told by the exit
    this.#rest()
  }

  /** Whether it can be given a file. */
  get alive(): boolean {
    return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /**
   * The view of a file; undefined when the process ended itself for want of work, just as it was asked.
   * @throws NetError what is wrong with the file, as {@link ViewProcessInit} limits it too
   */
  async view(job: ViewJob, options: AbortOptions): Promise<View | undefined> {
    const limit = deadline(systemClock, this.#init.timeLimitMs, options)
    this.#child.ref()
    this.#child.channel?.ref()
    try {
      const outcome = await this.#ask(job, limit)
      if (outcome === undefined || 'view' in outcome) return outcome?.view
      throw new NetError(outcome.code, outcome.message, { detail: outcome.detail })
    } finally {
      limit.clear()
      this.#rest()
    }
  }

  /** End it at once; resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return
    this.#killed = true
    const gone = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.ref()
    this.#child.kill('SIGKILL')
    await gone
  }

  #ask(job: ViewJob, { signal }: Deadline): Promise<Exclude<ViewOutcome, { readonly started: true }> | undefined> {
    const child = this.#child
    return new Promise((resolve, reject) => {
      const onMessage = (outcome: ViewOutcome): void => {
        this.#started = true
        if (!('started' in outcome)) settle(() => resolve(outcome))
      }
      const onExit = (code: number | null, ended: NodeJS.Signals | null): void =>
        settle(() => (code === 0 ? resolve(undefined) : reject(this.#fault(job.file, ended))))
      const onAbort = (): void => settle(() => void this.kill().then(() => reject(this.#late(job.file, signal))))
      const settle = (act: () => void): void => {
        child.off('message', onMessage).off('exit', onExit)
        signal.removeEventListener('abort', onAbort)
        act()
      }
      child.on('message', onMessage).on('exit', onExit)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      else child.send(job, () => {}) // a failure to send is told by the exit
    })
  }

  /** What a file did whose process ended: the watchdog's signal, and the system's where memory runs out, is SIGKILL. */
  #fault(file: Uint8Array, ended: NodeJS.Signals | null): NetError {
    const { maxResidentBytes } = this.#init
    if (this.#killed) return new NetError('NOT_STARTED', 'the decoders are closed')
    if (!this.#started) return new NetError('INTERNAL', 'the decoders cannot be started')
    if (ended !== 'SIGKILL') return invalid(file, 'its decoder crashed')
    return new NetError('IMAGE_TOO_LARGE', `decoding the image takes more memory than ${maxResidentBytes} bytes`, {
      detail: { maxResidentBytes }
    })
  }

  #late(file: Uint8Array, { reason }: AbortSignal): NetError {
    if (reason.code !== 'REQUEST_TIMEOUT' || reason.detail.timeoutMs !== this.#init.timeLimitMs) return reason
    return invalid(file, `decoding takes longer than ${this.#init.timeLimitMs} ms`)
  }

  #rest(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }
}

function invalid(file: Uint8Array, reason: string): NetError {
  return sniffFormat(file) === 'dicom'
    ? new NetError('DICOM_INVALID', `the DICOM file cannot be decoded: ${reason}`)
    : new NetError('IMAGE_INVALID', `the image cannot be decoded: ${reason}`)
}
