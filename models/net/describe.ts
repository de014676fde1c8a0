import { multiply, scale, subtract } from '../graph/elementwise.ts'
import { grad } from '../graph/grad.ts'
import { Graph, type Tensor } from '../graph/graph.ts'
import { gemm } from '../graph/matrix.ts'
import { meanOfAll, stacked } from '../graph/shape.ts'
import { isOfDescriptor, type NetConfig, parametersOf } from './net-config.ts'
import { VALUE_DEVIATION } from './frequencies.ts'
import { layout } from './layout.ts'
import { spectrum } from './spectrum.ts'

/**
 * `describe`: descriptors of images. `spectrum`: what they are made from. `describe-attack`: the input gradient of how far
 * descriptors are from others.
 */
export type DescriptorGraphKind = 'describe' | 'spectrum' | 'describe-attack'

/**
 * The graph of this kind for `images` images a run. Inputs: `x` [1,N,S,S] in 0..1, the descriptor's parameters by name, and
 * for an attack `from` [D,N]. Outputs: `d` [D,N], to be rounded to -127 to 127; or `s` [K,N]; or `loss`, the mean square of
 * d - from times the number of images, and `dx`. The rest of the net has no part in it.
 */
export function buildDescriptorGraph(
  net: NetConfig,
  { kind, images }: { kind: DescriptorGraphKind; images: number }
): Graph {
  const graph = new Graph()
  const x = graph.input('x', [1, images, net.side, net.side])
  if (kind === 'spectrum') {
    graph.output('s', spectrum(graph, x))
    return graph
  }
  const own = parametersOf(net).filter(({ name }) => isOfDescriptor(name))
  const [mean, weight] = own.map(({ name, shape }): Tensor => graph.input(name, shape))
  const identity = gemm(graph, weight, subtract(graph, spectrum(graph, x), mean))
  const d = stacked(graph, [identity, scale(graph, layout(graph, x), VALUE_DEVIATION)])
  if (kind === 'describe') {
    graph.output('d', d)
    return graph
  }
  const apart = subtract(graph, d, graph.input('from', d.shape))
  const loss = scale(graph, meanOfAll(graph, multiply(graph, apart, apart)), images)
  graph.output('loss', loss)
  graph.output('dx', grad(graph, loss, [x])[0])
  return graph
}
