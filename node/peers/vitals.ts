import type { Roster } from '../../base/roles.ts'
import { type LivenessAnswer, liveness } from '../../protocols/liveness.ts'
import type { Handler, Network } from '../../protocols/network.ts'

/** What a role contributes to its peer's answer. */
export type VitalsSource = () => Promise<Partial<Omit<LivenessAnswer, 'roles' | 'site' | 'load'>>>

const NOTHING = Object.freeze({
  shadows: 0,
  usedBytes: 0,
  freeBytes: 0,
  trashed: 0,
  trashBytes: 0,
  refusedDrops: 0,
  leaving: false,
  images: 0
})

/** Answers `liveness` for a peer with all its roles: one answer, each role adding its numbers. */
export class Vitals {
  readonly #network: Network
  readonly #roster: Roster
  readonly #sources: VitalsSource[] = []
  #load = 0

  constructor({ network, roster }: { network: Network; roster: Roster }) {
    this.#network = network
    this.#roster = roster
  }

  /** Requests in hand. */
  get load(): number {
    return this.#load
  }

  /** Let a role's numbers be part of the answer. The first call starts answering. */
  add(source: VitalsSource): void {
    this.#sources.push(source)
    if (this.#sources.length === 1) this.#network.handle(liveness, () => this.answer())
  }

  /** `handler`, counted as load while it works. */
  counted<Q, A>(handler: Handler<Q, A>): Handler<Q, A> {
    return async (request, caller, options) => {
      this.#load++
      try {
        return await handler(request, caller, options)
      } finally {
        this.#load--
      }
    }
  }

  /** How this peer does. */
  async answer(): Promise<LivenessAnswer> {
    const self = this.#roster.member(this.#network.self)
    const parts = await Promise.all(this.#sources.map(source => source()))
    const roles = self?.roles ?? []
    return Object.assign({ roles, site: self?.site ?? UNKNOWN_SITE, load: this.#load, ...NOTHING }, ...parts)
  }
}

const UNKNOWN_SITE = 'unknown' as LivenessAnswer['site'] // of a peer that its own roster does not name
