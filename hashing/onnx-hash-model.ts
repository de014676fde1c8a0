import { setImmediate } from 'node:timers/promises'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { NetError } from '../base/errors.ts'
import { type CodeSpace, codeFromOutputs, type HashCode } from './hash-code.ts'
import { codeSpaceOf, type HashModel } from './hash-model.ts'
import type { ModelEntry } from './manifest.ts'
import type { View, ViewSpec } from './view.ts'

const DESCRIPTOR = 'descriptor'
const CHUNK = 32 // views a run: beyond it speed gains nothing and the event loop waits longer

// One thread: the same sums in the same order on every run, and the other cores stay free. No spinning: a peer waits
// for the network, not for the next image.
const SESSION: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } } }
}

/**
 * Open the ONNX file of a manifest's entry, whose digest was checked.
 * @throws NetError `MODEL_INVALID` when it is not ONNX, or its input and outputs are not those of {@link ModelEntry}
 */
export async function openOnnxModel(bytes: Uint8Array, entry: ModelEntry): Promise<HashModel> {
  const { name, codeBits } = entry
  const session = await InferenceSession.create(bytes, SESSION).catch((cause: unknown) => {
    throw new NetError('MODEL_INVALID', `the file of model ${name} is not a usable ONNX model`, { cause })
  })
  const promised = [...codeBits.map(bits => `code${bits}`), ...(entry.descriptor === undefined ? [] : [DESCRIPTOR])]
  const missing = promised.find(output => !session.outputNames.includes(output))
  if (session.inputNames.join() === 'x' && missing === undefined) return new OnnxHashModel(session, entry)
  await session.release()
  throw new NetError('MODEL_INVALID', `model ${name} does not take x alone or does not give ${missing ?? 'its codes'}`)
}

/**
 * A {@link HashModel} on ONNX Runtime. A run of `CHUNK` views blocks its thread for some tens of milliseconds (the
 * runtime's `run` is asynchronous in name only), which is why peers have it in a thread of its own; between runs other
 * work goes on.
 */
class OnnxHashModel implements HashModel {
  readonly name: string
  readonly viewSpec: ViewSpec
  readonly codeBits: readonly number[]
  readonly #session: InferenceSession
  readonly #entry: ModelEntry
  #open = true

  constructor(session: InferenceSession, entry: ModelEntry) {
    this.name = entry.name
    this.viewSpec = Object.freeze({ ...entry.view })
    this.codeBits = Object.freeze([...entry.codeBits])
    this.#session = session
    this.#entry = entry
  }

  space(bits: number): CodeSpace {
    return codeSpaceOf(this.#entry, bits)
  }

  async hash(views: readonly View[], bits: number): Promise<HashCode[]> {
    this.space(bits) // throws for a length it does not give
    const { side } = this.viewSpec
    if (views.some(view => view.side !== side || view.pixels.length !== side * side)) {
      throw new RangeError(`views must have ${side} x ${side} pixels`)
    }
    const codes: HashCode[] = []
    for (let at = 0; at < views.length; at += CHUNK) {
      if (at > 0) await setImmediate()
      codes.push(...(await this.#hashChunk(views.slice(at, at + CHUNK), bits)))
    }
    return codes
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await this.#session.release()
  }

  async #hashChunk(views: readonly View[], bits: number): Promise<HashCode[]> {
    const { descriptor: values, digest: model } = this.#entry
    const [outputs, described] = await this.#run(views, [
      { name: `code${bits}`, width: bits },
      ...(values === undefined ? [] : [{ name: DESCRIPTOR, width: values }])
    ])
    return views.map((_, at) => {
      const code = codeFromOutputs(outputs.subarray(at * bits, (at + 1) * bits))
      if (values === undefined) return code
      const row = described.subarray(at * values, (at + 1) * values)
      return { ...code, descriptor: { model, values: Int8Array.from(row, Math.round) } }
    })
  }

  async #run(views: readonly View[], wanted: readonly Output[]): Promise<Float32Array[]> {
    if (!this.#open) throw new NetError('NOT_STARTED', `model ${this.name} is closed`)
    const { side } = this.viewSpec
    const x = new Float32Array(views.length * side * side)
    views.forEach((view, i) => {
      const start = i * side * side
      for (let k = 0; k < view.pixels.length; k++) x[start + k] = view.pixels[k] / 255
    })
    const names = wanted.map(({ name }) => name)
    try {
      const results = await this.#session.run({ x: new Tensor('float32', x, [views.length, 1, side, side]) }, names)
      return wanted.map(({ name, width }) => {
        const { data, dims } = results[name]
        if (data instanceof Float32Array && dims.join() === `${views.length},${width}` && !data.some(Number.isNaN)) {
          return data
        }
        throw new Error(`${name} has the wrong type or shape, or is not a number`)
      })
    } catch (cause) {
      throw new NetError('MODEL_INVALID', `model ${this.name} does not run`, { cause })
    }
  }
}

interface Output {
  readonly name: string
  /** Values a view. */
  readonly width: number
}
