import { type Attributes, encodeModel, type OnnxConstant, type OnnxNode, type OnnxPort } from './onnx-model.ts'

/** A gradient rule: from the gradient of the loss by an op's result to that by one of its inputs, as more graph. */
export type Rule = (gradient: Tensor) => Tensor

/** A value in a graph: its name, its (static) shape, and, when it can be differentiated, where it came from. */
export interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly inputs: readonly Tensor[]
  /** One rule for each input; undefined where the gradient stops. */
  readonly rules: readonly (Rule | undefined)[]
}

const FLOAT_BYTES = 4
const RENAMES = new Set(['Reshape', 'Identity'])

/** An ONNX graph under construction. The ops beside this file add nodes to it; `grad` adds the backward pass. */
export class Graph {
  readonly #nodes: OnnxNode[] = []
  readonly #constants: OnnxConstant[] = []
  readonly #inputs: OnnxPort[] = []
  readonly #outputs: OnnxPort[] = []
  readonly #scalars = new Map<number, Tensor>()
  readonly #sizes = new Map<string, number>()
  #count = 0

  /** Number of operators so far. */
  get size(): number {
    return this.#nodes.length
  }

  /** A float32 input of this name. */
  input(name: string, shape: readonly number[]): Tensor {
    this.#inputs.push({ name, shape })
    return { name, shape, inputs: [], rules: [] }
  }

  /** A value built into the file: floats, or whole numbers for the ops that take shapes and axes. */
  constant(data: Float32Array | BigInt64Array, shape: readonly number[]): Tensor {
    const name = this.#name('c')
    this.#constants.push({ name, shape, data })
    return { name, shape, inputs: [], rules: [] }
  }

  /** A number as a constant that broadcasts against everything. */
  scalar(value: number): Tensor {
    const known = this.#scalars.get(value)
    if (known !== undefined) return known
    const made = this.constant(Float32Array.of(value), [])
    this.#scalars.set(value, made)
    return made
  }

  /** A list of whole numbers as a constant (axes, shapes, rows). */
  whole(values: readonly number[]): Tensor {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length])
  }

  /** Add an operator; the result has this shape and no gradient rule. */
  node(op: string, inputs: readonly Tensor[], to: { shape: readonly number[]; attributes?: Attributes }): Tensor {
    const name = this.#name('t')
    this.#nodes.push({ op, inputs: inputs.map(input => input.name), outputs: [name], attributes: to.attributes })
    this.#sizes.set(name, sizeOf(to.shape))
    return { name, shape: to.shape, inputs: [], rules: [] }
  }

  /** Give out a value under this name. */
  output(name: string, tensor: Tensor): void {
    this.#nodes.push({ op: 'Identity', inputs: [tensor.name], outputs: [name] })
    this.#outputs.push({ name, shape: tensor.shape })
  }

  /** Bytes of the values built into the file. */
  get constantBytes(): number {
    return this.#constants.reduce((total, { data }) => total + data.byteLength, 0)
  }

  /**
   * The most bytes of values between operators that are alive at once when the nodes run in their order, each value from
   * its node to its last reader. A new shape or name for a value takes none.
   */
  get liveBytes(): number {
    const ownerOf = new Map<string, string>()
    const lastUse = new Map<string, number>()
    this.#nodes.forEach(({ op, inputs, outputs }, at) => {
      const owner = (name: string): string => ownerOf.get(name) ?? name
      if (RENAMES.has(op)) ownerOf.set(outputs[0], owner(inputs[0]))
      for (const name of [...inputs, ...outputs]) lastUse.set(owner(name), at)
    })
    const freed = new Map<number, number>()
    for (const [name, at] of lastUse) freed.set(at, (freed.get(at) ?? 0) + (this.#sizes.get(name) ?? 0))
    let live = 0
    let most = 0
    this.#nodes.forEach(({ op, outputs }, at) => {
      if (!RENAMES.has(op)) live += this.#sizes.get(outputs[0]) ?? 0
      most = Math.max(most, live)
      live -= freed.get(at) ?? 0
    })
    return most * FLOAT_BYTES
  }

  /** The bytes of the `.onnx` file. */
  encode(): Uint8Array {
    return encodeModel({
      nodes: this.#nodes,
      constants: this.#constants,
      inputs: this.#inputs,
      outputs: this.#outputs
    })
  }

  #name(prefix: string): string {
    return `${prefix}${this.#count++}`
  }
}

/** `result` as a function of `inputs`, with a gradient rule for each. */
export function withRules(result: Tensor, inputs: readonly Tensor[], rules: readonly (Rule | undefined)[]): Tensor {
  return { ...result, inputs, rules }
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
