import { NetError } from '../../base/errors.ts'
import { type Random, randomUnit } from '../../base/random.ts'
import type { Port } from '../graph/session.ts'
import { type NetConfig, type Parameter, parametersOf } from './net-config.ts'

const STARTS = { one: 1, zero: 0 }

/** Fresh weights: matrices normal with variance 1/fan-in (residual ends and heads at half that deviation), scales 1, offsets 0. */
export function initialWeights(net: NetConfig, random: Random): Float32Array {
  const parameters = parametersOf(net)
  const last = parameters[parameters.length - 1]
  const weights = new Float32Array(last.offset + last.size)
  for (const { shape, role, offset, size } of parameters) {
    if (role === 'one' || role === 'zero') weights.fill(STARTS[role], offset, offset + size)
    else {
      const deviation = (role === 'matrix' ? 1 : 0.5) / Math.sqrt(shape[1])
      for (let i = offset; i < offset + size; i++) weights[i] = deviation * normal(random)
    }
  }
  return weights
}

/** The tensors of a flat vector as named ports of a graph (`d:` before the name for a vector of gradients). */
export function weightPorts(net: NetConfig, vector: Float32Array, prefix: '' | 'd:' = ''): Record<string, Port> {
  return Object.fromEntries(
    parametersOf(net).map(({ name, shape, offset, size }) => [
      `${prefix}${name}`,
      { data: vector.subarray(offset, offset + size), shape }
    ])
  )
}

/**
 * Copy into `to` every tensor of `from` that has the same name and shape: the start from another net's trunk.
 * @throws NetError `MODEL_INVALID` when no tensor fits
 */
export function transferWeights(
  from: { readonly net: NetConfig; readonly weights: Float32Array },
  to: { readonly net: NetConfig; readonly weights: Float32Array }
): void {
  const known = new Map(parametersOf(from.net).map(parameter => [parameter.name, parameter]))
  let copied = 0
  for (const { name, shape, offset } of parametersOf(to.net)) {
    const source: Parameter | undefined = known.get(name)
    if (source === undefined || source.shape.join() !== shape.join()) continue
    to.weights.set(from.weights.subarray(source.offset, source.offset + source.size), offset)
    copied++
  }
  if (copied === 0) throw new NetError('MODEL_INVALID', 'no tensor of the starting model fits this net')
}

/** A standard normal draw cut at two deviations (Box-Muller, redrawn outside). */
function normal(random: Random): number {
  for (;;) {
    const radius = Math.sqrt(-2 * Math.log(1 - randomUnit(random)))
    const draw = radius * Math.cos(2 * Math.PI * randomUnit(random))
    if (Math.abs(draw) <= 2) return draw
  }
}
