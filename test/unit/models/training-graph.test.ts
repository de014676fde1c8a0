import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openSession, type Port } from '../../../models/graph/session.ts'
import { type NetConfig, parametersOf } from '../../../models/net/net-config.ts'
import { weightPorts } from '../../../models/net/parameters.ts'
import { type GraphKind, trainingGraph } from '../../../models/net/training-graph.ts'

interface Sample {
  norm: number
  step: number
  values: number[]
}
interface Case {
  net: NetConfig
  images: number
  loss: number
  gradients: Record<string, Sample>
  dx: Sample
  outputs: Record<string, Sample>
  mainstay: { alpha: number; sign: number; loss: number; dx: Sample }
}

// made by models/torch/gradients_fixture.py with float64 torch
const fixture: { cases: Case[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/convnext-gradients.json', import.meta.url), 'utf8')
)

function sineWeights(net: NetConfig): Float32Array {
  const parameters = parametersOf(net)
  const weights = new Float32Array(parameters.reduce((total, { size }) => total + size, 0))
  for (const { role, shape, offset, size } of parameters) {
    for (let i = offset; i < offset + size; i++) {
      if (role === 'one') weights[i] = 1 + 0.1 * Math.sin(i)
      else if (role === 'zero') weights[i] = 0.1 * Math.sin(1.3 * i)
      else weights[i] = (1.7 / Math.sqrt(shape[1])) * Math.sin(0.7 * i + 0.3)
    }
  }
  return weights
}

function signPorts(net: NetConfig, images: number): Record<string, Port> {
  return Object.fromEntries(
    net.codeBits.map(bits => {
      const data = Float32Array.from({ length: bits * images }, (_, i) => (Math.sin(2.1 * i + 0.5) >= 0 ? 1 : -1))
      return [`y${bits}`, { data, shape: [bits, images] }]
    })
  )
}

function scalar(value: number): Port {
  return { data: Float32Array.of(value), shape: [1, 1] }
}

async function runGraph(of: Case, kind: GraphKind) {
  const { net, images } = of
  const size = images * net.side ** 2
  const x = {
    data: Float32Array.from({ length: size }, (_, i) => 0.5 + 0.5 * Math.sin(0.9 * i)),
    shape: [1, images, net.side, net.side]
  }
  const weights = sineWeights(net)
  const gradient = new Float32Array(weights.length)
  const loss = new Float32Array(1)
  const dx = new Float32Array(size)
  const outputs = Object.fromEntries(
    net.codeBits.map(bits => [`z${bits}`, { data: new Float32Array(bits * images), shape: [bits, images] }])
  )
  const session = await openSession(trainingGraph(net, { kind, images }))
  const extra: Record<string, Port> =
    kind === 'mainstay' ? { alpha: scalar(of.mainstay.alpha), sign: scalar(of.mainstay.sign) } : {}
  await session.run(
    { x, ...weightPorts(net, weights), ...(kind === 'infer' ? {} : signPorts(net, images)), ...extra },
    {
      ...(kind === 'infer' ? {} : { loss: { data: loss, shape: [] } }),
      ...(kind === 'infer' || kind === 'train' ? {} : { dx: { data: dx, shape: x.shape } }),
      ...(kind === 'train' || kind === 'train+attack' ? weightPorts(net, gradient, 'd:') : {}),
      ...(kind === 'infer' || kind === 'mainstay' ? outputs : {})
    }
  )
  await session.close()
  return { loss: loss[0], gradient, dx, outputs }
}

function error(values: ArrayLike<number>, { norm, step, values: expected }: Sample): number {
  let squares = 0
  expected.forEach((value, at) => {
    squares += (values[at * step] - value) ** 2
  })
  return Math.sqrt(squares) / Math.max(norm, 1e-9)
}

describe.each(fixture.cases.map(of => ({ of, name: `${of.net.side} px` })))('training graph, $name', ({ of }) => {
  it('train: loss and every weight gradient are those of float64 torch within 5e-4', async () => {
    const { loss, gradient } = await runGraph(of, 'train')
    expect(Math.abs(loss - of.loss)).toBeLessThan(1e-5)
    const checked = parametersOf(of.net).map(({ name, offset, size }) => {
      expect(error(gradient.subarray(offset, offset + size), of.gradients[name]), name).toBeLessThan(5e-4)
      return name
    })
    expect(checked.length).toBe(Object.keys(of.gradients).length)
  })

  it('attack and train+attack: the input gradient is that of float64 torch within 1e-4', async () => {
    const both = await runGraph(of, 'train+attack')
    const alone = await runGraph(of, 'attack')
    expect(error(both.dx, of.dx)).toBeLessThan(1e-4)
    expect(error(alone.dx, of.dx)).toBeLessThan(1e-4)
    const [first] = parametersOf(of.net)
    expect(error(both.gradient.subarray(0, first.size), of.gradients[first.name])).toBeLessThan(1e-4)
  })

  it('mainstay: loss and input gradient of the SAAT attack are those of float64 torch within 1e-4', async () => {
    const { loss, dx } = await runGraph(of, 'mainstay')
    expect(Math.abs(loss - of.mainstay.loss)).toBeLessThan(1e-5)
    expect(error(dx, of.mainstay.dx)).toBeLessThan(1e-4)
  })

  it('infer: outputs of every head are those of float64 torch within 1e-5', async () => {
    const { outputs } = await runGraph(of, 'infer')
    for (const bits of of.net.codeBits) {
      const rows = new Float32Array(bits * of.images)
      for (let k = 0; k < bits; k++)
        for (let n = 0; n < of.images; n++) rows[n * bits + k] = outputs[`z${bits}`].data[k * of.images + n]
      expect(error(rows, of.outputs[bits])).toBeLessThan(1e-5)
    }
  })
})
