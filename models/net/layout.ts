import type { Graph, Tensor } from '../graph/graph.ts'
import { layerNorm } from '../graph/layer-norm.ts'
import { mean, reshape, transpose } from '../graph/shape.ts'
import { LAYOUT_VALUES } from '../../hashing/descriptor.ts'

/** A thumbnail of x[1,N,S,S], 8 x 8 cells, each with mean 0 and variance 1: [64,N]. Slices that lie side by side have like ones. */
export function layout(graph: Graph, x: Tensor): Tensor {
  const [, images, side] = x.shape
  const cells = Math.sqrt(LAYOUT_VALUES)
  const split = reshape(graph, x, [images, cells, side / cells, cells, side / cells])
  const flat = reshape(graph, mean(graph, split, [2, 4]), [images, LAYOUT_VALUES])
  return layerNorm(graph, transpose(graph, flat, [1, 0]))
}
