import { type Graph, type Tensor, withRules } from './graph.ts'

/** a + b, with broadcasting. */
export function add(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return withRules(
    plain(graph, 'Add', a, b),
    [a, b],
    [gradient => sumTo(graph, gradient, a.shape), gradient => sumTo(graph, gradient, b.shape)]
  )
}

/** a - b, with broadcasting. */
export function subtract(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return withRules(
    plain(graph, 'Sub', a, b),
    [a, b],
    [
      gradient => sumTo(graph, gradient, a.shape),
      gradient => sumTo(graph, graph.node('Neg', [gradient], { shape: gradient.shape }), b.shape)
    ]
  )
}

/** a · b element by element, with broadcasting. */
export function multiply(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return withRules(
    plain(graph, 'Mul', a, b),
    [a, b],
    [
      gradient => sumTo(graph, plain(graph, 'Mul', gradient, b), a.shape),
      gradient => sumTo(graph, plain(graph, 'Mul', gradient, a), b.shape)
    ]
  )
}

/** a times a fixed number. */
export function scale(graph: Graph, a: Tensor, factor: number): Tensor {
  const by = graph.scalar(factor)
  return withRules(plain(graph, 'Mul', a, by), [a], [gradient => plain(graph, 'Mul', gradient, by)])
}

/** a plus a fixed number. */
export function shift(graph: Graph, a: Tensor, offset: number): Tensor {
  return withRules(plain(graph, 'Add', a, graph.scalar(offset)), [a], [gradient => gradient])
}

/** tanh a. */
export function tanh(graph: Graph, a: Tensor): Tensor {
  const y = graph.node('Tanh', [a], { shape: a.shape })
  const rule = (gradient: Tensor): Tensor => {
    const slope = plain(graph, 'Sub', graph.scalar(1), plain(graph, 'Mul', y, y))
    return plain(graph, 'Mul', gradient, slope)
  }
  return withRules(y, [a], [rule])
}

/** a to a fixed power; a must be above 0. */
export function power(graph: Graph, a: Tensor, exponent: number): Tensor {
  const raised = (by: number): Tensor => graph.node('Pow', [a, graph.scalar(by)], { shape: a.shape })
  const rule = (gradient: Tensor): Tensor =>
    plain(graph, 'Mul', gradient, plain(graph, 'Mul', raised(exponent - 1), graph.scalar(exponent)))
  return withRules(raised(exponent), [a], [rule])
}

/** log(1 + e^a), without overflow. */
export function softplus(graph: Graph, a: Tensor): Tensor {
  const rule = (gradient: Tensor): Tensor =>
    plain(graph, 'Mul', gradient, graph.node('Sigmoid', [a], { shape: a.shape }))
  return withRules(graph.node('Softplus', [a], { shape: a.shape }), [a], [rule])
}

/** |a|; the gradient at 0 is 0. */
export function absolute(graph: Graph, a: Tensor): Tensor {
  const rule = (gradient: Tensor): Tensor => plain(graph, 'Mul', gradient, graph.node('Sign', [a], { shape: a.shape }))
  return withRules(graph.node('Abs', [a], { shape: a.shape }), [a], [rule])
}

/** 1 where a > `threshold`, else 0. No gradient. */
export function isAbove(graph: Graph, a: Tensor, threshold: number): Tensor {
  const truth = graph.node('Greater', [a, graph.scalar(threshold)], { shape: a.shape })
  return graph.node('Cast', [truth], { shape: a.shape, attributes: { to: 1 } })
}

/** An elementwise node without a gradient rule, for use inside rules. */
export function plain(graph: Graph, op: 'Add' | 'Sub' | 'Mul' | 'Div', ...[a, b]: [Tensor, Tensor]): Tensor {
  return graph.node(op, [a, b], { shape: broadcast(a.shape, b.shape) })
}

/** The sum of `tensor` over the axes along which `shape` was broadcast. */
function sumTo(graph: Graph, tensor: Tensor, shape: readonly number[]): Tensor {
  if (tensor.shape.join() === shape.join()) return tensor
  const extra = tensor.shape.length - shape.length
  const axes = tensor.shape.flatMap((size, axis) =>
    axis < extra || (shape[axis - extra] === 1 && size !== 1) ? [axis] : []
  )
  const kept = tensor.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const summed = graph.node('ReduceSum', [tensor, graph.whole(axes)], { shape: kept, attributes: { keepdims: 1 } })
  return extra === 0 ? summed : graph.node('Reshape', [summed, graph.whole(shape)], { shape })
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    if (left !== right && left !== 1 && right !== 1) {
      throw new RangeError(`shapes [${a.join()}] and [${b.join()}] do not broadcast`)
    }
    return left === 1 ? right : left
  })
}
