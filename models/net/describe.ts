import { multiply, scale, shift, softplus } from '../graph/elementwise.ts'
import { scaledGelu } from '../graph/gelu.ts'
import { grad } from '../graph/grad.ts'
import { Graph, type Tensor } from '../graph/graph.ts'
import { layerNorm } from '../graph/layer-norm.ts'
import { gemm } from '../graph/matrix.ts'
import { columns, meanOfAll, reshape, transpose } from '../graph/shape.ts'
import { trunk, type Weights } from './convnext.ts'
import { DESCRIBED_STAGE, isOfDescriptor, type NetConfig, parametersOf } from './net-config.ts'

/** What a descriptor of mean 0 and variance 1 is multiplied with before it is rounded to -127 to 127: three deviations fit. */
export const DESCRIPTOR_SCALE = 40

const SLOPE = 20 // of the chance that two descriptors show one image, by their cosine
const MIDDLE = 0.7 // the cosine at which that chance is a half

/** `describe`: descriptors of images. `train-describe`: loss of pairs, and its gradients by the descriptor's own weights. */
export type DescriptorGraphKind = 'describe' | 'train-describe'

/**
 * The graph of this kind for `images` images a run. Inputs: `x` [1,N,S,S] in 0..1 (for training [1,2N,S,S]: stored before
 * shown), every parameter by name, and for training `sign` and `weight` [N,N]: for each pair of a stored and a shown image
 * -1 where they are one, else 1, and how much the pair counts. Outputs: `d` [D,N], each column with mean 0 and variance
 * 1; or `loss` and `d:NAME` for each of the descriptor's parameters. The rest of the net stays as it is.
 */
export function buildDescriptorGraph(
  net: NetConfig,
  { kind, images }: { kind: DescriptorGraphKind; images: number }
): Graph {
  const graph = new Graph()
  const isTraining = kind === 'train-describe'
  const x = graph.input('x', [1, isTraining ? 2 * images : images, net.side, net.side])
  const tensors = new Map(parametersOf(net).map(({ name, shape }) => [name, graph.input(name, shape)]))
  const weights = (name: string): Tensor => {
    const tensor = tensors.get(name)
    if (tensor === undefined) throw new RangeError(`${name} is not a parameter of this net`)
    return tensor
  }
  const d = describe(graph, trunk(graph, net, { x, weights })[DESCRIBED_STAGE], { images: x.shape[1], weights })
  if (!isTraining) {
    graph.output('d', d)
    return graph
  }
  const loss = pairLoss(graph, d, {
    sign: graph.input('sign', [images, images]),
    weight: graph.input('weight', [images, images])
  })
  graph.output('loss', loss)
  const own = [...tensors.keys()].filter(isOfDescriptor)
  grad(graph, loss, own.map(weights)).forEach((gradient, at) => {
    graph.output(`d:${own[at]}`, gradient)
  })
  return graph
}

/** Two dense layers on every place of a map [C, N·P]. */
function describe(graph: Graph, map: Tensor, { images, weights }: { images: number; weights: Weights }): Tensor {
  const [channels, all] = map.shape
  const places = all / images
  const byPlace = transpose(graph, reshape(graph, layerNorm(graph, map), [channels, images, places]), [0, 2, 1])
  const flat = reshape(graph, byPlace, [channels * places, images])
  const hidden = scaledGelu(graph, gemm(graph, weights('describe.in.weight'), flat, weights('describe.in.bias')))
  return layerNorm(graph, gemm(graph, weights('describe.out.weight'), hidden, weights('describe.out.bias')))
}

/**
 * Pairwise logistic loss (Zhai et al. 2023, for images and texts): -log of the chance that each shown image (the second half of
 * the columns) is taken for the stored one it is, and for none it is not.
 */
function pairLoss(graph: Graph, d: Tensor, of: { sign: Tensor; weight: Tensor }): Tensor {
  const [values, all] = d.shape
  const stored = columns(graph, d, { first: 0, count: all / 2 })
  const shown = columns(graph, d, { first: all / 2, count: all / 2 })
  const cosines = scale(graph, gemm(graph, transpose(graph, stored, [1, 0]), shown), 1 / values)
  const logits = scale(graph, shift(graph, cosines, -MIDDLE), SLOPE)
  return meanOfAll(graph, multiply(graph, softplus(graph, multiply(graph, logits, of.sign)), of.weight))
}
