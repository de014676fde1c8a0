import { PIXEL_MEAN, PIXEL_SPREAD } from '../net/convnext.ts'
import { LAYER_NORM_EPSILON } from '../graph/layer-norm.ts'
import { type Attributes, encodeModel } from '../graph/onnx-model.ts'
import { toHalves } from './half-floats.ts'
import { type NetConfig, parametersOf } from '../net/net-config.ts'
import { exportDescriptor } from './export-descriptor.ts'
import { Exporter } from './exporter.ts'

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
  })
  const last = net.widths[net.widths.length - 1]
  const pooled = file.node('ReduceMean', [a, file.whole([2, 3])], { attributes: { keepdims: 0 } })
  const features = norm(file, pooled, 'head.norm', last)
  for (const bits of net.codeBits) linear(file, features, { name: `code${bits}`, rows: bits, as: `code${bits}` })
  if (net.descriptor !== undefined) exportDescriptor(file, net.side)
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
