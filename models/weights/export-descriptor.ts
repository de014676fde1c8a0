import { LAYOUT_VALUES } from '../../hashing/descriptor.ts'
import { LAYER_NORM_EPSILON } from '../graph/layer-norm.ts'
import {
  FREQUENCIES,
  SPECTRUM_FLOOR,
  SPECTRUM_ROWS,
  STRENGTH_POWER,
  TAMING_POWER,
  transformMatrices,
  VALUE_DEVIATION
} from '../net/frequencies.ts'
import type { Exporter } from './exporter.ts'

/** Add the output `descriptor` [N,D] of `x` [N,1,S,S]: `spectrum` and its projection as in training, cut to -127 to 127. */
export function exportDescriptor(file: Exporter, side: number): void {
  const centred = file.node('Sub', [spectrumOf(file, side), file.node('Transpose', ['describe.mean'])])
  const projected = file.node('MatMul', [centred, file.node('Transpose', ['describe.weight'])])
  const both = file.node('Concat', [projected, layoutOf(file, side)], { attributes: { axis: 1 } })
  file.node('Clip', [both, file.scalar(-127), file.scalar(127)], { as: 'descriptor' })
}

function layoutOf(file: Exporter, side: number): string {
  const cell = side / Math.sqrt(LAYOUT_VALUES)
  const cells = file.node('AveragePool', ['x'], { attributes: { kernel_shape: [cell, cell], strides: [cell, cell] } })
  const ones = file.matrix([LAYOUT_VALUES], new Float32Array(LAYOUT_VALUES).fill(1))
  const normed = file.node('LayerNormalization', [file.node('Flatten', [cells]), ones], {
    attributes: { axis: -1, epsilon: { float: LAYER_NORM_EPSILON } }
  })
  return file.node('Mul', [normed, file.scalar(VALUE_DEVIATION)])
}

interface Complex {
  readonly real: string
  readonly imaginary: string
}

function spectrumOf(file: Exporter, side: number): string {
  const { real, imaginary } = transformed(file, side)
  const energy = file.node('Add', [file.node('Mul', [real, real]), file.node('Mul', [imaginary, imaginary])])
  const squares = file.node('Add', [energy, file.scalar(SPECTRUM_FLOOR ** 2)])
  const strength = file.node('Pow', [picked(file, squares, SPECTRUM_ROWS.strengths), file.scalar(STRENGTH_POWER)])
  const tame = file.node('Pow', [squares, file.scalar(TAMING_POWER)])
  const tamed = { real: file.node('Mul', [real, tame]), imaginary: file.node('Mul', [imaginary, tame]) }
  const of = (part: 'sum' | 'one' | 'other'): Complex => {
    const places = SPECTRUM_ROWS.triples.map(triple => triple[part])
    return { real: picked(file, tamed.real, places), imaginary: picked(file, tamed.imaginary, places) }
  }
  const product = timesConjugate(file, timesConjugate(file, of('sum'), of('one')), of('other'))
  return file.node('Concat', [strength, product.real, product.imaginary], { attributes: { axis: 1 } })
}

function transformed(file: Exporter, side: number): Complex {
  const { across, along, rows, columns } = transformMatrices(side)
  const byRow = file.node('MatMul', ['x', file.matrix([side, 2 * columns], across)])
  const split = file.node('Transpose', [file.reshape(byRow, [0, side, 2, columns])], {
    attributes: { perm: [0, 2, 1, 3] }
  })
  const flat = file.reshape(split, [0, 2 * side, columns])
  const both = file.node('MatMul', [file.matrix([2 * rows, 2 * side], along), flat])
  const list = file.reshape(both, [0, 2 * FREQUENCIES])
  const places = Array.from({ length: FREQUENCIES }, (_, at) => at)
  const shiftedPlaces = places.map(at => at + FREQUENCIES)
  return { real: picked(file, list, places), imaginary: picked(file, list, shiftedPlaces) }
}

/** a · b*. */
function timesConjugate(file: Exporter, a: Complex, b: Complex): Complex {
  const times = (one: string, other: string): string => file.node('Mul', [one, other])
  return {
    real: file.node('Add', [times(a.real, b.real), times(a.imaginary, b.imaginary)]),
    imaginary: file.node('Sub', [times(a.imaginary, b.real), times(a.real, b.imaginary)])
  }
}

function picked(file: Exporter, from: string, places: readonly number[]): string {
  return file.node('Gather', [from, file.whole(places)], { attributes: { axis: 1 } })
}
