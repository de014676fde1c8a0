import { type Graph, sizeOf, type Tensor, withRules } from './graph.ts'
import { rawGemm } from './matrix.ts'

/** The same values under another shape of the same size. */
export function reshape(graph: Graph, a: Tensor, shape: readonly number[]): Tensor {
  return withRules(rawReshape(graph, a, shape), [a], [gradient => rawReshape(graph, gradient, a.shape)])
}

/** {@link reshape} without a gradient rule. */
export function rawReshape(graph: Graph, a: Tensor, shape: readonly number[]): Tensor {
  if (sizeOf(a.shape) !== sizeOf(shape))
    throw new RangeError(`[${a.shape.join()}] is not the size of [${shape.join()}]`)
  return graph.node('Reshape', [a, graph.whole(shape)], { shape })
}

/** The axes in the order `permutation`. */
export function transpose(graph: Graph, a: Tensor, permutation: readonly number[]): Tensor {
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis))
  const turn = (tensor: Tensor, perm: readonly number[]): Tensor =>
    graph.node('Transpose', [tensor], { shape: perm.map(axis => tensor.shape[axis]), attributes: { perm } })
  return withRules(turn(a, permutation), [a], [gradient => turn(gradient, inverse)])
}

/** Columns `first` to `first + count` of a[M,N]. */
export function columns(graph: Graph, a: Tensor, { first, count }: { first: number; count: number }): Tensor {
  const [rows, all] = a.shape
  const bounds = [[first], [first + count], [1]].map(values => graph.whole(values))
  const rule = (gradient: Tensor): Tensor =>
    graph.node('Pad', [gradient, graph.whole([0, first, 0, all - first - count])], { shape: a.shape })
  return withRules(graph.node('Slice', [a, ...bounds], { shape: [rows, count] }), [a], [rule])
}

/** These rows of a[M,N], in this order. */
export function rows(graph: Graph, a: Tensor, places: readonly number[]): Tensor {
  const [all, count] = a.shape
  const rule = (gradient: Tensor): Tensor => {
    const picked = new Float32Array(places.length * all)
    places.forEach((place, at) => {
      picked[at * all + place] = 1
    })
    return rawGemm(graph, [graph.constant(picked, [places.length, all]), gradient], { transA: 1 })
  }
  const result = graph.node('Gather', [a, graph.whole(places)], {
    shape: [places.length, count],
    attributes: { axis: 0 }
  })
  return withRules(result, [a], [rule])
}

/** Matrices [M,N] of one width under each other. */
export function stacked(graph: Graph, parts: readonly Tensor[]): Tensor {
  let height = 0
  const rules = parts.map(({ shape }) => {
    const first = height
    height += shape[0]
    const bounds = [[first], [height], [0]]
    return (gradient: Tensor): Tensor =>
      graph.node('Slice', [gradient, ...bounds.map(values => graph.whole(values))], { shape })
  })
  const shape = [height, parts[0].shape[1]]
  return withRules(graph.node('Concat', parts, { shape, attributes: { axis: 0 } }), parts, rules)
}

/** The mean over these axes, which stay with size 1. */
export function mean(graph: Graph, a: Tensor, axes: readonly number[]): Tensor {
  const shape = a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const share = sizeOf(shape) / sizeOf(a.shape)
  const rule = (gradient: Tensor): Tensor => {
    const small = graph.node('Mul', [gradient, graph.scalar(share)], { shape })
    return graph.node('Expand', [small, graph.whole(a.shape)], { shape: a.shape })
  }
  const result = graph.node('ReduceMean', [a, graph.whole(axes)], { shape, attributes: { keepdims: 1 } })
  return withRules(result, [a], [rule])
}

/** The mean of all elements, shape []. */
export function meanOfAll(graph: Graph, a: Tensor): Tensor {
  const all = mean(graph, a, Array.from(a.shape.keys()))
  return reshape(graph, all, [])
}
