import { describe, expect, it } from 'vitest'
import { depthwise } from '../../../models/graph/depthwise.ts'
import {
  absolute,
  add,
  multiply,
  power,
  scale,
  shift,
  softplus,
  subtract,
  tanh
} from '../../../models/graph/elementwise.ts'
import { scaledGelu } from '../../../models/graph/gelu.ts'
import { grad } from '../../../models/graph/grad.ts'
import { Graph, sizeOf, type Tensor } from '../../../models/graph/graph.ts'
import { layerNorm } from '../../../models/graph/layer-norm.ts'
import { gemm } from '../../../models/graph/matrix.ts'
import { openSession } from '../../../models/graph/session.ts'
import { mean, meanOfAll, reshape, rows, stacked, transpose } from '../../../models/graph/shape.ts'

type Build = (graph: Graph, inputs: Tensor[]) => Tensor

const CASES: { id: string; shapes: number[][]; build: Build }[] = [
  {
    id: 'add with broadcasting',
    shapes: [
      [3, 4],
      [3, 1]
    ],
    build: (g, [a, b]) => add(g, a, b)
  },
  { id: 'subtract with a scalar shape', shapes: [[3, 4], []], build: (g, [a, b]) => subtract(g, a, b) },
  {
    id: 'multiply with broadcasting',
    shapes: [
      [3, 4],
      [1, 4]
    ],
    build: (g, [a, b]) => multiply(g, a, b)
  },
  { id: 'scale', shapes: [[5]], build: (g, [a]) => scale(g, a, -1.5) },
  { id: 'tanh', shapes: [[5]], build: (g, [a]) => tanh(g, a) },
  { id: 'softplus', shapes: [[5]], build: (g, [a]) => softplus(g, a) },
  { id: 'absolute', shapes: [[5]], build: (g, [a]) => absolute(g, a) },
  { id: 'scaled GELU', shapes: [[7]], build: (g, [a]) => scaledGelu(g, a) },
  { id: 'layer norm', shapes: [[6, 3]], build: (g, [a]) => layerNorm(g, a) },
  {
    id: 'gemm with bias',
    shapes: [
      [3, 4],
      [4, 5],
      [3, 1]
    ],
    build: (g, [a, b, c]) => gemm(g, a, b, c)
  },
  { id: 'mean over an axis', shapes: [[2, 3, 4]], build: (g, [a]) => mean(g, a, [1]) },
  {
    id: 'reshape and transpose',
    shapes: [[2, 6]],
    build: (g, [a]) => transpose(g, reshape(g, a, [2, 3, 2]), [2, 0, 1])
  },
  { id: 'rows, one of them twice', shapes: [[4, 3]], build: (g, [a]) => rows(g, a, [2, 0, 2]) },
  {
    id: 'stacked',
    shapes: [
      [2, 3],
      [1, 3]
    ],
    build: (g, [a, b]) => multiply(g, stacked(g, [a, b, a]), stacked(g, [b, a, a]))
  },
  {
    id: 'power of a sum of squares',
    shapes: [[5]],
    build: (g, [a]) => power(g, shift(g, multiply(g, a, a), 0.25), -1 / 3)
  },
  {
    id: 'depthwise on a 4x4 plane',
    shapes: [
      [2, 2, 4, 4],
      [2, 49]
    ],
    build: (g, [a, b]) => depthwise(g, a, b)
  },
  {
    id: 'depthwise in blocks of a 12x12 plane',
    shapes: [
      [2, 1, 12, 12],
      [2, 49]
    ],
    build: (g, [a, b]) => depthwise(g, a, b)
  }
]

const EPSILON = 1e-2

function sines(shape: readonly number[], phase: number): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1.7 * i + phase) + 0.05)
}

/** loss = mean of (output ∘ fixed weights): every output element has its own gradient. */
async function open(of: { shapes: number[][]; build: Build }) {
  const graph = new Graph()
  const inputs = of.shapes.map((shape, at) => graph.input(`in${at}`, shape))
  const result = of.build(graph, inputs)
  const loss = meanOfAll(graph, multiply(graph, result, graph.constant(sines(result.shape, 0.4), result.shape)))
  graph.output('loss', loss)
  grad(graph, loss, inputs).forEach((gradient, at) => {
    graph.output(`d${at}`, gradient)
  })
  const session = await openSession(graph.encode())
  return async (values: Float32Array[]) => {
    const outputs = of.shapes.map(shape => new Float32Array(sizeOf(shape)))
    const value = new Float32Array(1)
    const ports = (prefix: string, data: Float32Array[]) =>
      Object.fromEntries(data.map((data, at) => [`${prefix}${at}`, { data, shape: of.shapes[at] }]))
    await session.run(ports('in', values), { loss: { data: value, shape: [] }, ...ports('d', outputs) })
    return { loss: value[0], gradients: outputs }
  }
}

describe('gradient rules agree with central differences within 1 %', () => {
  for (const of of CASES) {
    it(of.id, async () => {
      const run = await open(of)
      const start = of.shapes.map((shape, at) => sines(shape, at))
      const { gradients } = await run(start)
      for (const [at, shape] of of.shapes.entries()) {
        const direction = sines(shape, 2.2)
        const moved = async (by: number): Promise<number> =>
          (
            await run(
              start.map((values, i) => (i === at ? values.map((value, j) => value + by * direction[j]) : values))
            )
          ).loss
        const numeric = ((await moved(EPSILON)) - (await moved(-EPSILON))) / (2 * EPSILON)
        const along = gradients[at].reduce((total, value, j) => total + value * direction[j], 0)
        expect(Math.abs(numeric - along), `input ${at}: ${numeric} and ${along}`).toBeLessThan(
          0.01 * Math.abs(along) + 1e-4
        )
      }
    })
  }

  it('a loss that does not depend on what is wanted is a RangeError', () => {
    const graph = new Graph()
    const [a, b] = [graph.input('a', [2]), graph.input('b', [2])]
    expect(() => grad(graph, meanOfAll(graph, a), [b])).toThrow(RangeError)
  })
})
