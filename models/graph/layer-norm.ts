import { plain } from './elementwise.ts'
import { type Graph, type Tensor, withRules } from './graph.ts'

/** What keeps a constant column from dividing by zero (ConvNeXt's value). */
export const LAYER_NORM_EPSILON = 1e-6

/**
 * Each column of a[C,M] with mean 0 and variance 1 (LayerNorm over the channels, without scale and offset, which are
 * folded into the matrix that follows). Gradient: (g - mean(g) - y·mean(g·y)) / deviation.
 */
export function layerNorm(graph: Graph, a: Tensor): Tensor {
  const columnMean = (tensor: Tensor): Tensor =>
    graph.node('ReduceMean', [tensor, graph.whole([0])], { shape: [1, a.shape[1]], attributes: { keepdims: 1 } })
  const centred = plain(graph, 'Sub', a, columnMean(a))
  const variance = columnMean(plain(graph, 'Mul', centred, centred))
  const shifted = plain(graph, 'Add', variance, graph.scalar(LAYER_NORM_EPSILON))
  const deviation = graph.node('Sqrt', [shifted], { shape: variance.shape })
  const y = plain(graph, 'Div', centred, deviation)
  const rule = (gradient: Tensor): Tensor => {
    const along = columnMean(plain(graph, 'Mul', gradient, y))
    const flat = plain(graph, 'Sub', gradient, columnMean(gradient))
    return plain(graph, 'Div', plain(graph, 'Sub', flat, plain(graph, 'Mul', y, along)), deviation)
  }
  return withRules(y, [a], [rule])
}
