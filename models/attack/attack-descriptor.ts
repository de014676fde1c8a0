import { type Random, randomUnit } from '../../base/random.ts'
import type { NetConfig } from '../net/net-config.ts'
import { weightPorts } from '../net/parameters.ts'
import { SessionCache } from '../net/session-cache.ts'

/** How descriptors are attacked, by PGD in the view, L-infinity, with the model known. */
export interface DescriptorAttack {
  /** Largest change of a pixel, 0 to 1. */
  readonly epsilon: number
  readonly steps: number
  readonly stepSize: number
  /** Views whose descriptors are aimed at, one for each; left out: away from the own descriptor. */
  readonly towards?: readonly Uint8Array[]
  readonly random: Random
}

const BATCH = 32

/** These views attacked, rounded to whole levels. Blocks its thread between steps. */
export async function attackDescriptor(
  { net, weights }: { readonly net: NetConfig; readonly weights: Float32Array },
  views: readonly Uint8Array[],
  attack: DescriptorAttack
): Promise<Uint8Array[]> {
  const sessions = new SessionCache(net)
  const attacked: Uint8Array[] = []
  for (let first = 0; first < views.length; first += BATCH) {
    const batch = views.slice(first, first + BATCH)
    const goals = attack.towards?.slice(first, first + BATCH) ?? batch
    const from = await describedBy({ net, weights, sessions }, goals)
    attacked.push(...(await climb({ net, weights, sessions }, batch, { ...attack, from })))
  }
  await sessions.close()
  return attacked
}

interface Model {
  readonly net: NetConfig
  readonly weights: Float32Array
  readonly sessions: SessionCache
}

async function describedBy({ net, weights, sessions }: Model, views: readonly Uint8Array[]): Promise<Float32Array> {
  const session = await sessions.get('describe', views.length)
  const d = new Float32Array((net.descriptor ?? 0) * views.length)
  const inputs = { x: portOf(net, pixelsOf(views)), ...weightPorts(net, weights) }
  await session.run(inputs, { d: { data: d, shape: [net.descriptor ?? 0, views.length] } })
  return d
}

/** Steps along the sign of the gradient, kept within epsilon of the view and within 0 to 1. */
async function climb(
  { net, weights, sessions }: Model,
  views: readonly Uint8Array[],
  { epsilon, steps, stepSize, towards, random, from }: DescriptorAttack & { readonly from: Float32Array }
): Promise<Uint8Array[]> {
  const clean = pixelsOf(views)
  const within = (value: number, at: number): number =>
    Math.min(1, clean[at] + epsilon, Math.max(0, clean[at] - epsilon, value))
  const x = clean.map((value, at) => within(value + epsilon * (2 * randomUnit(random) - 1), at))
  const session = await sessions.get('describe-attack', views.length)
  const dx = new Float32Array(x.length)
  const goal = { data: from, shape: [from.length / views.length, views.length] }
  const sign = towards === undefined ? 1 : -1
  for (let step = 0; step < steps; step++) {
    const inputs = { x: portOf(net, x), from: goal, ...weightPorts(net, weights) }
    await session.run(inputs, { dx: portOf(net, dx), loss: { data: new Float32Array(1), shape: [] } })
    x.forEach((value, at) => {
      x[at] = within(value + sign * stepSize * Math.sign(dx[at]), at)
    })
  }
  const plane = net.side ** 2
  return views.map((_, at) =>
    Uint8Array.from(x.subarray(at * plane, (at + 1) * plane), value => Math.round(255 * value))
  )
}

function portOf({ side }: NetConfig, data: Float32Array) {
  return { data, shape: [1, data.length / side ** 2, side, side] }
}

function pixelsOf(views: readonly Uint8Array[]): Float32Array {
  const plane = views[0].length
  const pixels = new Float32Array(views.length * plane)
  views.forEach((view, at) => {
    for (let i = 0; i < plane; i++) pixels[at * plane + i] = view[i] / 255
  })
  return pixels
}
