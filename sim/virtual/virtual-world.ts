import { fromString } from 'uint8arrays/from-string'
import { sha256 } from '../../base/bytes.ts'
import type { Random } from '../../base/random.ts'
import type { PeerId, Site } from '../../base/ids.ts'
import type { Member, Role, Roster } from '../../base/roles.ts'
import { createSigner } from '../../crypto/ed25519-signer.ts'
import type { Signer } from '../../crypto/signer.ts'
import type { AnswererInit } from '../../protocols/answerer.ts'
import type { Directory } from '../../protocols/network.ts'
import { EventLog } from './event-log.ts'
import { EventLoop } from './event-loop.ts'
import { Internet } from './internet.ts'
import type { LinkConditions } from './link.ts'
import { SeededStream } from '../cluster/seeded-stream.ts'
import { type ClockSkew, VirtualClock } from './virtual-clock.ts'
import { DirectoryRecords, VirtualDirectory } from './virtual-directory.ts'
import { virtualPeerId } from './virtual-name.ts'
import { VirtualNetwork } from './virtual-network.ts'
import { VirtualSigner } from './virtual-signer.ts'

/** What a world starts from. */
export interface WorldInit extends AnswererInit {
  readonly seed: string | number
  readonly link?: Partial<LinkConditions>
  /** `twin` (when left out) signs cheaply and protects against nobody; `ed25519` is what peers sign with in life. */
  readonly signatures?: 'twin' | 'ed25519'
  /** Keep the lines of the history, not only their digest. */
  readonly keepLog?: boolean
}

/** One life of a virtual peer: every port a role needs, but for its disk. */
export interface VirtualLife {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly directory: Directory
  readonly random: Random
  readonly signer: Signer
  /** End it as SIGKILL does: timers never fire, promises never settle. */
  kill(): void
  /** As SIGSTOP and SIGCONT do. */
  freeze(): void
  thaw(): void
}

/** A seeded world of virtual peers: one seed, one history. Its roster grows as peers are admitted. */
export class VirtualWorld implements Roster {
  readonly loop = new EventLoop()
  readonly log: EventLog
  readonly random: SeededStream
  readonly internet: Internet
  readonly #records = new DirectoryRecords()
  readonly #members = new Map<PeerId, Member>()
  readonly #signers = new Map<PeerId, Signer>()
  readonly #signatures: 'twin' | 'ed25519'
  readonly #seed: string
  readonly #maxInboundBytes: number | undefined
  #lives = 0

  constructor({ seed, link, keepLog, maxInboundBytes, signatures = 'twin' }: WorldInit) {
    this.#signatures = signatures
    this.#seed = String(seed)
    this.#maxInboundBytes = maxInboundBytes
    this.log = new EventLog({ keep: keepLog })
    this.random = new SeededStream(`${seed}/world`)
    const components = { loop: this.loop, roster: this, random: new SeededStream(`${seed}/internet`), log: this.log }
    this.internet = new Internet(components, link)
  }

  member(peer: PeerId): Member | undefined {
    return this.#members.get(peer)
  }

  withRole(role: Role): PeerId[] {
    return [...this.#members.values()].filter(({ roles }) => roles.includes(role)).map(({ peer }) => peer)
  }

  /** Admit a peer called `label`; it lives once {@link live} is called. */
  admit(label: string, roles: readonly Role[], site = 'site'): PeerId {
    const signer = this.#signerOf(label)
    const peer = signer.self
    this.#signers.set(peer, signer)
    this.#members.set(peer, { peer, roles, site: site as Site }) // a name given by the scenario, not from outside
    return peer
  }

  /** Begin a life of an admitted peer. An earlier life must have been killed. */
  live(peer: PeerId, skew: Partial<ClockSkew> = {}): VirtualLife {
    const clock = new VirtualClock(this.loop, skew)
    const network = new VirtualNetwork(this.internet, peer, { clock, maxInboundBytes: this.#maxInboundBytes })
    return {
      clock,
      network,
      directory: new VirtualDirectory(this.internet, network, this.#records),
      random: new SeededStream(`${this.#seed}/${peer}/${this.#lives++}`),
      signer: this.#signers.get(peer) ?? new VirtualSigner(peer),
      kill: () => {
        clock.kill()
        network.close()
      },
      freeze: () => {
        clock.freeze()
        network.freeze()
      },
      thaw: () => {
        clock.thaw()
        network.thaw()
      }
    }
  }

  #signerOf(label: string): Signer {
    if (this.#signatures === 'ed25519') return createSigner(sha256(fromString(`sfmedir/virtual-peer/${label}`)))
    return new VirtualSigner(virtualPeerId(label))
  }
}
