import { add, multiply, scale, shift } from '../graph/elementwise.ts'
import { depthwise } from '../graph/depthwise.ts'
import { scaledGelu } from '../graph/gelu.ts'
import type { Graph, Tensor } from '../graph/graph.ts'
import { layerNorm } from '../graph/layer-norm.ts'
import { gemm } from '../graph/matrix.ts'
import { mean, reshape, transpose } from '../graph/shape.ts'
import type { NetConfig } from './net-config.ts'

/** Mean and spread that pixels in [0, 1] are brought to before the stem: inside the model, so that epsilon is in pixels. */
export const PIXEL_MEAN = 0.25
/** See {@link PIXEL_MEAN}. */
export const PIXEL_SPREAD = 0.25

/** Looks a parameter of the net up by name. */
export type Weights = (name: string) => Tensor

const HALF_ROOT = Math.SQRT1_2

/**
 * ConvNeXt (Liu et al. 2022) on x[1,N,S,S]: the head outputs z[bits,N] for each code length, before tanh and sign.
 * Activations are laid out [C,N,H,W], so that every pointwise layer is one Gemm without transposes; scales and offsets of
 * norms, layer scale and the factors of the scaled GELU are folded into the small matrices, not the activations.
 */
export function convnext(graph: Graph, net: NetConfig, of: { x: Tensor; weights: Weights }): Map<number, Tensor> {
  const { weights } = of
  const maps = trunk(graph, net, of)
  const features = layerNorm(graph, pool(graph, maps[maps.length - 1], of.x.shape[1]))
  return new Map(
    net.codeBits.map(bits => [bits, normedLinear(graph, features, { name: `code${bits}`, norm: 'head.norm', weights })])
  )
}

/** What each stage gives for x[1,N,S,S]: [C, N·H·W] with H = W = S/4, S/8, S/16, S/32. */
function trunk(graph: Graph, net: NetConfig, of: { x: Tensor; weights: Weights }): Tensor[] {
  const { weights } = of
  const images = of.x.shape[1]
  let size = net.side / 4
  let a = stem(graph, of, size)
  return net.widths.map((width, stage) => {
    if (stage > 0) {
      a = downsample(graph, a, { name: `down${stage}`, weights, map: [net.widths[stage - 1], images, size, size] })
      size /= 2
    }
    for (let block = 0; block < net.depths[stage]; block++) {
      a = residualBlock(graph, a, { name: `stage${stage}.block${block}`, weights, map: [width, images, size, size] })
    }
    return a
  })
}

/** The mean over the places of a map [C, N·P]: [C, N]. */
function pool(graph: Graph, map: Tensor, images: number): Tensor {
  const [channels, all] = map.shape
  return reshape(graph, mean(graph, reshape(graph, map, [channels, images, all / images]), [2]), [channels, images])
}

interface Layer {
  readonly name: string
  readonly weights: Weights
  readonly map: readonly [channels: number, images: number, height: number, width: number]
}

function stem(graph: Graph, { x, weights }: { x: Tensor; weights: Weights }, size: number): Tensor {
  const images = x.shape[1]
  const centred = scale(graph, shift(graph, x, -PIXEL_MEAN), 1 / PIXEL_SPREAD)
  const tiles = transpose(graph, reshape(graph, centred, [images, size, 4, size, 4]), [2, 4, 0, 1, 3])
  const flat = reshape(graph, tiles, [16, images * size * size])
  const embedded = layerNorm(graph, gemm(graph, weights('stem.weight'), flat, weights('stem.bias')))
  const channels = weights('stem.bias').shape[0]
  const columnScale = reshape(graph, weights('stem.norm.scale'), [channels, 1])
  return add(graph, multiply(graph, embedded, columnScale), weights('stem.norm.offset'))
}

function downsample(graph: Graph, a: Tensor, { name, weights, map: [channels, images, height, width] }: Layer): Tensor {
  const columnScale = reshape(graph, weights(`${name}.norm.scale`), [channels, 1])
  const normed = add(graph, multiply(graph, layerNorm(graph, a), columnScale), weights(`${name}.norm.offset`))
  const split = reshape(graph, normed, [channels, images, height / 2, 2, width / 2, 2])
  const tiles = transpose(graph, split, [0, 3, 5, 1, 2, 4])
  const flat = reshape(graph, tiles, [4 * channels, (images * height * width) / 4])
  return gemm(graph, weights(`${name}.weight`), flat, weights(`${name}.bias`))
}

function residualBlock(graph: Graph, a: Tensor, { name, weights, map }: Layer): Tensor {
  const [channels, images, height, width] = map
  const spread = depthwise(graph, reshape(graph, a, map), weights(`${name}.depthwise.weight`))
  const flat = reshape(graph, spread, [channels, images * height * width])
  const normed = layerNorm(graph, add(graph, flat, weights(`${name}.depthwise.bias`)))
  const widened = normedLinear(graph, normed, {
    name: `${name}.widen`,
    norm: `${name}.norm`,
    weights,
    factor: HALF_ROOT
  })
  const layerScale = weights(`${name}.layerScale`)
  const narrow = multiply(graph, scale(graph, weights(`${name}.narrow.weight`), HALF_ROOT), layerScale)
  const bias = multiply(graph, weights(`${name}.narrow.bias`), layerScale)
  return add(graph, a, gemm(graph, narrow, scaledGelu(graph, widened), bias))
}

/** factor · (W · (scale ∘ a + offset) + bias), with scale, offset and factor folded into W and the bias. */
function normedLinear(
  graph: Graph,
  a: Tensor,
  { name, norm, weights, factor = 1 }: { name: string; norm: string; weights: Weights; factor?: number }
): Tensor {
  const matrix = weights(`${name}.weight`)
  const folded = multiply(graph, matrix, weights(`${norm}.scale`))
  const bias = gemm(graph, matrix, weights(`${norm}.offset`), weights(`${name}.bias`))
  if (factor === 1) return gemm(graph, folded, a, bias)
  return gemm(graph, scale(graph, folded, factor), a, scale(graph, bias, factor))
}
