import type { Attributes, OnnxConstant, OnnxNode } from '../graph/onnx-model.ts'

/** Collects nodes and constants. Everything made of constants only is folded by the runtime when it loads the file. */
export class Exporter {
  readonly nodes: OnnxNode[] = []
  readonly constants: OnnxConstant[] = []
  #count = 0

  node(
    op: string,
    inputs: readonly string[],
    { as, attributes }: { as?: string; attributes?: Attributes } = {}
  ): string {
    const name = as ?? `n${this.#count++}`
    this.nodes.push({ op, inputs, outputs: [name], attributes })
    return name
  }

  scalar(value: number): string {
    return this.#constant([], Float32Array.of(value))
  }

  matrix(shape: readonly number[], data: Float32Array): string {
    return this.#constant(shape, data)
  }

  whole(values: readonly number[]): string {
    return this.#constant([values.length], BigInt64Array.from(values, BigInt))
  }

  reshape(from: string, shape: readonly number[]): string {
    return this.node('Reshape', [from, this.whole(shape)])
  }

  toChannelsLast(from: string): string {
    return this.node('Transpose', [from], { attributes: { perm: [0, 2, 3, 1] } })
  }

  toChannelsFirst(from: string): string {
    return this.node('Transpose', [from], { attributes: { perm: [0, 3, 1, 2] } })
  }

  #constant(shape: readonly number[], data: OnnxConstant['data']): string {
    const name = `k${this.#count++}`
    this.constants.push({ name, shape, data })
    return name
  }
}
