import { type GraphSession, openSession } from '../graph/session.ts'
import type { NetConfig } from './net-config.ts'
import { type GraphKind, trainingGraph } from './training-graph.ts'

/** Opens each training graph once for each kind and number of images: the first runs of a session are slow. */
export class SessionCache {
  readonly #net: NetConfig
  readonly #open = new Map<string, Promise<GraphSession>>()

  constructor(net: NetConfig) {
    this.#net = net
  }

  /** The compiled graph of this kind for this many images. */
  get(kind: GraphKind, images: number): Promise<GraphSession> {
    const key = `${kind}/${images}`
    const known = this.#open.get(key)
    if (known !== undefined) return known
    const opened = openSession(trainingGraph(this.#net, { kind, images }))
    this.#open.set(key, opened)
    return opened
  }

  async close(): Promise<void> {
    for (const session of this.#open.values()) await (await session).close()
    this.#open.clear()
  }
}
