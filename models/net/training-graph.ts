import { convnext } from './convnext.ts'
import { add, multiply, scale } from '../graph/elementwise.ts'
import { grad } from '../graph/grad.ts'
import { Graph, type Tensor } from '../graph/graph.ts'
import { columns } from '../graph/shape.ts'
import { buildDescriptorGraph, type DescriptorGraphKind } from './describe.ts'
import { bitDivergence, centralSimilarity, mainstayLoss, marginLoss } from './losses.ts'
import { isOfDescriptor, type NetConfig, parametersOf } from './net-config.ts'

/**
 * What a graph gives: `train` the loss and all weight gradients; `attack` the input gradient of the training loss;
 * `train+attack` both from one backward pass; `trades` loss and weight gradients of clean images and their attacked
 * twins; `trades-attack` the input gradient of the distance between them; `mainstay` the input gradient of SAAT's attack
 * loss; `margin` that of the margin between two centres; `infer` the codes.
 * Those of the descriptor: see `buildDescriptorGraph`.
 */
export type GraphKind =
  | 'train'
  | 'attack'
  | 'train+attack'
  | 'trades'
  | 'trades-attack'
  | 'mainstay'
  | 'margin'
  | 'infer'
  | DescriptorGraphKind

type Heads = ReadonlyMap<number, Tensor>

interface KindPlan {
  /** The scalar that is differentiated; left out: nothing is. */
  readonly loss?: (graph: Graph, heads: Heads) => Tensor
  readonly outputsCodes?: boolean
  readonly byWeights?: boolean
  readonly byInput?: boolean
}

const KINDS: Readonly<Record<Exclude<GraphKind, DescriptorGraphKind>, KindPlan>> = Object.freeze({
  train: { loss: codeLoss, byWeights: true },
  attack: { loss: codeLoss, byInput: true },
  'train+attack': { loss: codeLoss, byWeights: true, byInput: true },
  trades: { loss: tradesLoss, byWeights: true },
  'trades-attack': { loss: departureLoss, byInput: true },
  mainstay: { loss: attackLoss, outputsCodes: true, byInput: true },
  margin: { loss: marginsLoss, outputsCodes: true, byInput: true },
  infer: { outputsCodes: true }
})

/**
 * The graph of this kind for `images` images a run. Inputs: `x` [1,N,S,S] in 0..1 (for `trades` [1,2N,S,S], clean before
 * attacked), every parameter by name, and, except for `infer`, `y8`, `y16`, … [bits,N]: class centres (±1), mainstay codes
 * together with `alpha` and `sign` [1,1], directions together with `alpha` [1,N] (`margin`), or for `trades-attack` the
 * outputs of the clean images; for `trades` also `beta` []. Outputs: `loss`, `d:NAME` for each parameter, `dx`, and `z8`,
 * `z16`, … [bits,N] before tanh.
 */
export function trainingGraph(net: NetConfig, of: { kind: GraphKind; images: number }): Uint8Array {
  return buildGraph(net, of).encode()
}

/** {@link trainingGraph} before it is written down. */
export function buildGraph(net: NetConfig, { kind, images }: { kind: GraphKind; images: number }): Graph {
  if (kind === 'describe' || kind === 'spectrum' || kind === 'describe-attack')
    return buildDescriptorGraph(net, { kind, images })
  const graph = new Graph()
  const { loss: lossOf, outputsCodes, byWeights, byInput } = KINDS[kind]
  const x = graph.input('x', [1, kind === 'trades' ? 2 * images : images, net.side, net.side])
  const parameters = parametersOf(net).filter(({ name }) => !isOfDescriptor(name))
  const tensors = new Map(parameters.map(({ name, shape }) => [name, graph.input(name, shape)]))
  const weights = (name: string): Tensor => {
    const tensor = tensors.get(name)
    if (tensor === undefined) throw new RangeError(`${name} is not a parameter of this net`)
    return tensor
  }
  const heads = convnext(graph, net, { x, weights })
  if (outputsCodes === true) for (const [bits, z] of heads) graph.output(`z${bits}`, z)
  if (lossOf === undefined) return graph
  const loss = lossOf(graph, heads)
  graph.output('loss', loss)
  const wanted = byWeights === true ? [...tensors.keys()] : []
  const gradients = grad(graph, loss, [...wanted.map(weights), ...(byInput === true ? [x] : [])])
  wanted.forEach((name, at) => {
    graph.output(`d:${name}`, gradients[at])
  })
  if (byInput === true) graph.output('dx', gradients[gradients.length - 1])
  return graph
}

/** The mean of the CSQ losses of all heads: one trunk learns every code length in one run. */
function codeLoss(graph: Graph, heads: Heads): Tensor {
  const losses = [...heads].map(([bits, z]) => centralSimilarity(graph, z, graph.input(`y${bits}`, z.shape)))
  return meanOfHeads(graph, losses)
}

/** TRADES: the CSQ loss of the clean half of the images plus beta times how far the bits of their attacked twins are. */
function tradesLoss(graph: Graph, heads: Heads): Tensor {
  const beta = graph.input('beta', [])
  const pairs = new Map([...heads].map(([bits, z]) => [bits, halves(graph, z)]))
  const clean = codeLoss(graph, new Map([...pairs].map(([bits, pair]) => [bits, pair.clean])))
  const departures = [...pairs.values()].map(pair => bitDivergence(graph, pair))
  return add(graph, clean, multiply(graph, meanOfHeads(graph, departures), beta))
}

/** The distance that {@link tradesLoss} lowers, from outputs that are given: what its attack raises. */
function departureLoss(graph: Graph, heads: Heads): Tensor {
  const departures = [...heads].map(([bits, z]) =>
    bitDivergence(graph, { clean: graph.input(`y${bits}`, z.shape), attacked: z })
  )
  return meanOfHeads(graph, departures)
}

function attackLoss(graph: Graph, heads: Heads): Tensor {
  const alpha = graph.input('alpha', [1, 1])
  const sign = graph.input('sign', [1, 1])
  return [...heads]
    .map(([bits, z]) => mainstayLoss(graph, z, { code: graph.input(`y${bits}`, z.shape), alpha, sign }))
    .reduce((total, loss) => add(graph, total, loss))
}

function marginsLoss(graph: Graph, heads: Heads): Tensor {
  const images = [...heads.values()][0].shape[1]
  const alpha = graph.input('alpha', [1, images])
  return [...heads]
    .map(([bits, z]) => marginLoss(graph, z, { direction: graph.input(`y${bits}`, z.shape), alpha }))
    .reduce((total, loss) => add(graph, total, loss))
}

function meanOfHeads(graph: Graph, losses: readonly Tensor[]): Tensor {
  return scale(
    graph,
    losses.reduce((total, loss) => add(graph, total, loss)),
    1 / losses.length
  )
}

/** The clean and the attacked half of the columns of z[bits,2N]. */
function halves(graph: Graph, z: Tensor): { clean: Tensor; attacked: Tensor } {
  const count = z.shape[1] / 2
  return { clean: columns(graph, z, { first: 0, count }), attacked: columns(graph, z, { first: count, count }) }
}
