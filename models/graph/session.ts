import * as ort from 'onnxruntime-node'

const OPTIONS: ort.InferenceSession.SessionOptions = {
  intraOpNumThreads: 1, // results are bit-identical for a fixed thread count; cores are used by more workers
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } } }
}

/** What a graph takes or gives: a float32 view and its shape. */
export interface Port {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

/** A compiled graph. */
export interface GraphSession {
  /**
   * Run it; inputs that it does not take are left aside, the arrays of `outputs` are overwritten in place. Blocks this
   * thread: call it in a worker.
   */
  run(inputs: Readonly<Record<string, Port>>, outputs: Readonly<Record<string, Port>>): Promise<void>
  close(): Promise<void>
}

/** Compile the bytes of an ONNX graph for one thread. */
export async function openSession(model: Uint8Array): Promise<GraphSession> {
  const session = await ort.InferenceSession.create(model, OPTIONS)
  const names = new Set(session.inputNames)
  return {
    run: async (inputs, outputs) => {
      const taken = Object.entries(inputs).filter(([name]) => names.has(name))
      await session.run(tensors(Object.fromEntries(taken)), tensors(outputs))
    },
    close: () => session.release()
  }
}

function tensors(ports: Readonly<Record<string, Port>>): Record<string, ort.Tensor> {
  return Object.fromEntries(
    Object.entries(ports).map(([name, { data, shape }]) => [name, new ort.Tensor('float32', data, shape)])
  )
}
