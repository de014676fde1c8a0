import { NetError } from '../base/errors.ts'
import { moduleBeside, openThread, type Thread } from '../base/thread.ts'
import type { CodeSpace, HashCode } from './hash-code.ts'
import { codeSpaceOf, type HashModel } from './hash-model.ts'
import type { ModelEntry } from './manifest.ts'
import type { View, ViewSpec } from './view.ts'

/** What the thread of a model is asked; `open` first. */
export type ModelJob =
  | { readonly kind: 'open' }
  | { readonly kind: 'close' }
  | { readonly kind: 'hash'; readonly views: readonly View[]; readonly bits: number }

/**
 * Open the ONNX file of a manifest's entry, whose digest was checked, in a thread of its own: 32 views block whoever runs
 * them for some tens of milliseconds, and a peer has others to answer.
 * @throws NetError `MODEL_INVALID` when it is not ONNX, or its input and outputs are not those of {@link ModelEntry}
 */
export async function openModelThread(bytes: Uint8Array, entry: ModelEntry): Promise<HashModel> {
  const thread = openThread(moduleBeside(import.meta.url, 'hash-worker'), { bytes, entry })
  try {
    await thread.run({ kind: 'open' } satisfies ModelJob)
  } catch (error) {
    await thread.close()
    throw error
  }
  return new ThreadModel(thread, entry)
}

/** A {@link HashModel} in a thread: what is known of it stands here, what takes time is asked there. */
class ThreadModel implements HashModel {
  readonly name: string
  readonly viewSpec: ViewSpec
  readonly codeBits: readonly number[]
  readonly #thread: Thread
  readonly #entry: ModelEntry
  #open = true

  constructor(thread: Thread, entry: ModelEntry) {
    this.name = entry.name
    this.viewSpec = Object.freeze({ ...entry.view })
    this.codeBits = Object.freeze([...entry.codeBits])
    this.#thread = thread
    this.#entry = entry
  }

  space(bits: number): CodeSpace {
    return codeSpaceOf(this.#entry, bits)
  }

  async hash(views: readonly View[], bits: number): Promise<HashCode[]> {
    this.space(bits) // throws for a length it does not give
    return this.#run({ kind: 'hash', views, bits })
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await this.#thread.run({ kind: 'close' } satisfies ModelJob)
    await this.#thread.close()
  }

  #run<R>(job: ModelJob): Promise<R> {
    if (!this.#open) throw new NetError('NOT_STARTED', `model ${this.name} is closed`)
    return this.#thread.run<R>(job)
  }
}
