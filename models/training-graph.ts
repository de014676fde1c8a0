import { convnext } from './convnext.ts'
import { add, scale } from './graph/elementwise.ts'
import { grad } from './graph/grad.ts'
import { Graph, type Tensor } from './graph/graph.ts'
import { centralSimilarity, mainstayLoss } from './losses.ts'
import { type NetConfig, parametersOf } from './net-config.ts'

/**
 * What a graph gives: `train` the loss and all weight gradients; `attack` the input gradient of the training loss;
 * `train+attack` both from one backward pass; `mainstay` the input gradient of SAAT's attack loss; `infer` the codes.
 */
export type GraphKind = 'train' | 'attack' | 'train+attack' | 'mainstay' | 'infer'

/**
 * The graph of this kind for `images` images a run. Inputs: `x` [1,N,S,S] in 0..1, every parameter by name, and, except
 * for `infer`, `y8`, `y16`, … [bits,N]: class centres (±1), or mainstay codes together with `alpha` and `sign` [1,1].
 * Outputs: `loss`, `d:NAME` for each parameter, `dx`, and `z8`, `z16`, … [bits,N] before tanh.
 */
export function trainingGraph(net: NetConfig, { kind, images }: { kind: GraphKind; images: number }): Uint8Array {
  const graph = new Graph()
  const x = graph.input('x', [1, images, net.side, net.side])
  const parameters = parametersOf(net)
  const tensors = new Map(parameters.map(({ name, shape }) => [name, graph.input(name, shape)]))
  const weights = (name: string): Tensor => {
    const tensor = tensors.get(name)
    if (tensor === undefined) throw new RangeError(`${name} is not a parameter of this net`)
    return tensor
  }
  const heads = convnext(graph, net, { x, weights })
  if (kind === 'infer' || kind === 'mainstay') for (const [bits, z] of heads) graph.output(`z${bits}`, z)
  if (kind === 'infer') return graph.encode()
  const loss = kind === 'mainstay' ? attackLoss(graph, heads) : codeLoss(graph, heads)
  graph.output('loss', loss)
  const wanted = kind === 'attack' || kind === 'mainstay' ? [] : [...tensors.keys()]
  const gradients = grad(graph, loss, [...wanted.map(weights), ...(kind === 'train' ? [] : [x])])
  wanted.forEach((name, at) => {
    graph.output(`d:${name}`, gradients[at])
  })
  if (kind !== 'train') graph.output('dx', gradients[gradients.length - 1])
  return graph.encode()
}

/** The mean of the CSQ losses of all heads: one trunk learns every code length in one run. */
function codeLoss(graph: Graph, heads: ReadonlyMap<number, Tensor>): Tensor {
  const losses = [...heads].map(([bits, z]) => centralSimilarity(graph, z, graph.input(`y${bits}`, z.shape)))
  return scale(
    graph,
    losses.reduce((total, loss) => add(graph, total, loss)),
    1 / losses.length
  )
}

function attackLoss(graph: Graph, heads: ReadonlyMap<number, Tensor>): Tensor {
  const alpha = graph.input('alpha', [1, 1])
  const sign = graph.input('sign', [1, 1])
  return [...heads]
    .map(([bits, z]) => mainstayLoss(graph, z, { code: graph.input(`y${bits}`, z.shape), alpha, sign }))
    .reduce((total, loss) => add(graph, total, loss))
}
