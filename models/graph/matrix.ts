import { type Graph, type Tensor, withRules } from './graph.ts'

/** a[M,K] · b[K,N] + bias[M,1] (one `Gemm`; the gradients are Gemms too, without a transpose in between). */
export function gemm(graph: Graph, a: Tensor, b: Tensor, ...[bias]: [bias?: Tensor]): Tensor {
  const inputs = bias === undefined ? [a, b] : [a, b, bias]
  return withRules(rawGemm(graph, inputs), inputs, [
    gradient => rawGemm(graph, [gradient, b], { transB: 1 }),
    gradient => rawGemm(graph, [a, gradient], { transA: 1 }),
    gradient =>
      graph.node('ReduceSum', [gradient, graph.whole([1])], {
        shape: [gradient.shape[0], 1],
        attributes: { keepdims: 1 }
      })
  ])
}

/** A Gemm without gradient rules, with either factor transposed. */
export function rawGemm(
  graph: Graph,
  inputs: readonly Tensor[],
  { transA = 0, transB = 0 }: { transA?: 0 | 1; transB?: 0 | 1 } = {}
): Tensor {
  const [a, b] = inputs
  const [rows, inner] = transA === 1 ? [a.shape[1], a.shape[0]] : a.shape
  const [innerB, columns] = transB === 1 ? [b.shape[1], b.shape[0]] : b.shape
  if (inner !== innerB) throw new RangeError(`matrices [${a.shape.join()}] and [${b.shape.join()}] do not multiply`)
  return graph.node('Gemm', inputs, { shape: [rows, columns], attributes: { transA, transB } })
}

/** a[B,M,K] · b[B,K,N] for each of B, without gradient rules. */
export function rawBatchMatMul(graph: Graph, a: Tensor, b: Tensor): Tensor {
  const [batch, rows, inner] = a.shape
  if (batch !== b.shape[0] || inner !== b.shape[1]) {
    throw new RangeError(`matrices [${a.shape.join()}] and [${b.shape.join()}] do not multiply`)
  }
  return graph.node('MatMul', [a, b], { shape: [batch, rows, b.shape[2]] })
}

/** The last two axes of [B,M,N] swapped, without a gradient rule (ORT fuses it into the MatMul). */
export function rawTranspose(graph: Graph, a: Tensor): Tensor {
  const [batch, rows, columns] = a.shape
  return graph.node('Transpose', [a], { shape: [batch, columns, rows], attributes: { perm: [0, 2, 1] } })
}
