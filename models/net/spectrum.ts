import { add, multiply, power, scale, shift } from '../graph/elementwise.ts'
import type { Graph, Tensor } from '../graph/graph.ts'
import { gemm } from '../graph/matrix.ts'
import { reshape, rows, stacked, transpose } from '../graph/shape.ts'
import {
  FREQUENCIES,
  SPECTRUM_FLOOR,
  SPECTRUM_ROWS,
  STRENGTH_POWER,
  TAMING_POWER,
  transformMatrices
} from './frequencies.ts'

/**
 * What of x[1,N,S,S] does not change when the view is moved: [K,N]. Strengths of the low frequencies, and the bispectrum of the
 * lowest, which tells an image from itself turned by 180 degrees. Exact for a view moved around its edge; the window
 * lets the edges count little.
 */
export function spectrum(graph: Graph, x: Tensor): Tensor {
  const { real, imaginary } = transformed(graph, x)
  const energy = add(graph, multiply(graph, real, real), multiply(graph, imaginary, imaginary))
  const squares = shift(graph, energy, SPECTRUM_FLOOR ** 2)
  const strength = power(graph, rows(graph, squares, SPECTRUM_ROWS.strengths), STRENGTH_POWER)
  const tame = power(graph, squares, TAMING_POWER)
  const tamed = { real: multiply(graph, real, tame), imaginary: multiply(graph, imaginary, tame) }
  const of = (part: 'sum' | 'one' | 'other'): Complex => {
    const places = SPECTRUM_ROWS.triples.map(triple => triple[part])
    return { real: rows(graph, tamed.real, places), imaginary: rows(graph, tamed.imaginary, places) }
  }
  const product = timesConjugate(graph, timesConjugate(graph, of('sum'), of('one')), of('other'))
  return stacked(graph, [strength, product.real, product.imaginary])
}

interface Complex {
  readonly real: Tensor
  readonly imaginary: Tensor
}

/** The transform of x[1,N,S,S] under the window: each part [frequencies, N]. */
function transformed(graph: Graph, x: Tensor): Complex {
  const [, images, side] = x.shape
  const { across, along, rows: down, columns } = transformMatrices(side)
  const byRow = gemm(graph, reshape(graph, x, [images * side, side]), graph.constant(across, [side, 2 * columns]))
  const turned = transpose(graph, reshape(graph, byRow, [images, side, 2, columns]), [2, 1, 0, 3])
  const flat = reshape(graph, turned, [2 * side, images * columns])
  const both = gemm(graph, graph.constant(along, [2 * down, 2 * side]), flat)
  const byFrequency = transpose(graph, reshape(graph, both, [2 * down, images, columns]), [0, 2, 1])
  const list = reshape(graph, byFrequency, [2 * FREQUENCIES, images])
  const places = Array.from({ length: FREQUENCIES }, (_, at) => at)
  return {
    real: rows(graph, list, places),
    imaginary: rows(
      graph,
      list,
      places.map(at => at + FREQUENCIES)
    )
  }
}

/** a · b*. */
function timesConjugate(graph: Graph, a: Complex, b: Complex): Complex {
  return {
    real: add(graph, multiply(graph, a.real, b.real), multiply(graph, a.imaginary, b.imaginary)),
    imaginary: add(graph, multiply(graph, a.imaginary, b.real), scale(graph, multiply(graph, a.real, b.imaginary), -1))
  }
}
