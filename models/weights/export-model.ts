import { PIXEL_MEAN, PIXEL_SPREAD } from '../net/convnext.ts'
import { LAYER_NORM_EPSILON } from '../graph/layer-norm.ts'
import { type Attributes, encodeModel, type OnnxConstant, type OnnxNode } from '../graph/onnx-model.ts'
import { toHalves } from './half-floats.ts'
import { DESCRIPTOR_SCALE } from '../net/describe.ts'
import { DESCRIBED_STAGE, DESCRIPTOR_HIDDEN, type NetConfig, parametersOf } from '../net/net-config.ts'

/** Key of the metadata property that holds the net's shape as JSON. */
export const NET_METADATA = 'sfmedir.net'

/**
 * A trained net as an ordinary ONNX file (Conv, LayerNormalization, Gelu, MatMul): input `x` [N,1,S,S] in 0..1 with N left
 * open, outputs `code8`, `code16`, … [N,bits] whose signs are the code. Weights are stored in half precision under the
 * names they have in training (a net with a descriptor also gives `descriptor` [N,D]: -127 to 127, to be rounded), so `readModelFile` gets them back from the same file.
 */
export function exportModel(net: NetConfig, weights: Float32Array): Uint8Array {
  const file = new Exporter()
  for (const { name, shape, offset, size } of parametersOf(net)) {
    file.constants.push({ name: `${name}/half`, shape, data: toHalves(weights.subarray(offset, offset + size)) })
    file.node('Cast', [`${name}/half`], { as: name, attributes: { to: 1 } })
  }
  const centred = file.node('Sub', ['x', file.scalar(PIXEL_MEAN)])
  const scaled = file.node('Mul', [centred, file.scalar(1 / PIXEL_SPREAD)])
  const [first] = net.widths
  let a = convolve(file, scaled, { name: 'stem', kernel: [first, 1, 4, 4], attributes: { strides: [4, 4] } })
  a = file.toChannelsFirst(norm(file, file.toChannelsLast(a), 'stem.norm', first))
  net.widths.forEach((width, stage) => {
    if (stage > 0) a = downsample(file, a, { name: `down${stage}`, from: net.widths[stage - 1], to: width })
    for (let block = 0; block < net.depths[stage]; block++)
      a = residualBlock(file, a, `stage${stage}.block${block}`, width)
    if (stage === DESCRIBED_STAGE && net.descriptor !== undefined) describe(file, a, net)
  })
  const last = net.widths[net.widths.length - 1]
  const pooled = file.node('ReduceMean', [a, file.whole([2, 3])], { attributes: { keepdims: 0 } })
  const features = norm(file, pooled, 'head.norm', last)
  for (const bits of net.codeBits) linear(file, features, { name: `code${bits}`, rows: bits, as: `code${bits}` })
  return encodeModel({
    nodes: file.nodes,
    constants: file.constants,
    inputs: [{ name: 'x', shape: ['N', 1, net.side, net.side] }],
    outputs: [
      ...net.codeBits.map(bits => ({ name: `code${bits}`, shape: ['N', bits] })),
      ...(net.descriptor === undefined ? [] : [{ name: 'descriptor', shape: ['N', net.descriptor] }])
    ],
    metadata: { [NET_METADATA]: JSON.stringify(net) }
  })
}

/** Collects nodes and constants. Everything made of constants only is folded by the runtime when it loads the file. */
class Exporter {
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

  ones(count: number): string {
    return this.#constant([count], new Float32Array(count).fill(1))
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

function convolve(
  file: Exporter,
  from: string,
  { name, kernel, attributes }: { name: string; kernel: readonly number[]; attributes: Attributes }
): string {
  const weight = file.reshape(`${name}.weight`, kernel)
  const bias = file.reshape(`${name}.bias`, [kernel[0]])
  return file.node('Conv', [from, weight, bias], { attributes: { kernel_shape: kernel.slice(2), ...attributes } })
}

function norm(file: Exporter, from: string, name: string, width: number): string {
  const factors = [file.reshape(`${name}.scale`, [width]), file.reshape(`${name}.offset`, [width])]
  const attributes = { axis: -1, epsilon: { float: LAYER_NORM_EPSILON } }
  return file.node('LayerNormalization', [from, ...factors], { attributes })
}

function linear(
  file: Exporter,
  from: string,
  { name, rows, by, as }: { name: string; rows: number; by?: string; as?: string }
): string {
  const weight = by === undefined ? `${name}.weight` : file.node('Mul', [`${name}.weight`, by])
  const bias = by === undefined ? `${name}.bias` : file.node('Mul', [`${name}.bias`, by])
  const product = file.node('MatMul', [from, file.node('Transpose', [weight], { attributes: { perm: [1, 0] } })])
  return file.node('Add', [product, file.reshape(bias, [rows])], { as })
}

/** The descriptor of the map [N,C,H,W] of its stage, scaled to what is rounded to a byte. */
function describe(file: Exporter, map: string, net: NetConfig): void {
  const width = net.widths[DESCRIBED_STAGE]
  const flat = file.node('Flatten', [file.toChannelsFirst(plainNorm(file, file.toChannelsLast(map), width))])
  const hidden = linear(file, flat, { name: 'describe.in', rows: DESCRIPTOR_HIDDEN })
  const bent = file.node('Mul', [hidden, file.node('Add', [file.node('Erf', [hidden]), file.scalar(1)])])
  const values = net.descriptor ?? 0
  const even = plainNorm(file, linear(file, bent, { name: 'describe.out', rows: values }), values)
  const scaled = file.node('Mul', [even, file.scalar(DESCRIPTOR_SCALE)])
  file.node('Clip', [scaled, file.scalar(-127), file.scalar(127)], { as: 'descriptor' })
}

function plainNorm(file: Exporter, from: string, width: number): string {
  const attributes = { axis: -1, epsilon: { float: LAYER_NORM_EPSILON } }
  return file.node('LayerNormalization', [from, file.ones(width)], { attributes })
}

function downsample(
  file: Exporter,
  from: string,
  { name, from: width, to }: { name: string; from: number; to: number }
): string {
  const normed = file.toChannelsFirst(norm(file, file.toChannelsLast(from), `${name}.norm`, width))
  return convolve(file, normed, { name, kernel: [to, width, 2, 2], attributes: { strides: [2, 2] } })
}

function residualBlock(file: Exporter, from: string, name: string, width: number): string {
  const attributes = { pads: [3, 3, 3, 3], group: width }
  const spread = convolve(file, from, { name: `${name}.depthwise`, kernel: [width, 1, 7, 7], attributes })
  const normed = norm(file, file.toChannelsLast(spread), `${name}.norm`, width)
  const widened = file.node('Gelu', [linear(file, normed, { name: `${name}.widen`, rows: 4 * width })])
  const narrowed = linear(file, widened, { name: `${name}.narrow`, rows: width, by: `${name}.layerScale` })
  return file.node('Add', [from, file.toChannelsFirst(narrowed)])
}
