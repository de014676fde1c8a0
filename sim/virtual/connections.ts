import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Connection, End, EndConnections } from './connection.ts'
import type { Internet } from './internet.ts'

/** Told when a peer's connection opens or its last one is gone. */
export type PeerListener = (peer: PeerId, state: 'up' | 'down') => void

/** The open connections of one life of a peer: how they come to be, and how each end learns that they ended. */
export class Connections implements EndConnections {
  readonly #internet: Internet
  readonly #owner: End
  readonly #open = new Map<PeerId, Connection>()
  readonly #dials = new Map<PeerId, Promise<Connection>>()
  readonly #listeners = new Set<PeerListener>()

  constructor(internet: Internet, owner: End) {
    this.#internet = internet
    this.#owner = owner
  }

  /** Peers with an open connection. */
  peers(): PeerId[] {
    return [...this.#open.keys()]
  }

  /** The open connection to a peer, if there is one. */
  get(peer: PeerId): Connection | undefined {
    return this.#open.get(peer)
  }

  /** Listen for connections; returns the way to stop. */
  listen(listener: PeerListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Open a connection. A dial that has begun is shared; when it fails, as one does that was lost in a cut that has since
   * healed, those who came later dial once more. @throws NetError `PEER_UNREACHABLE`
   */
  dial(peer: PeerId): Promise<Connection> {
    const dialling = this.#dials.get(peer)
    return dialling === undefined ? this.#begin(peer) : dialling.catch(() => this.#dials.get(peer) ?? this.#begin(peer))
  }

  #begin(peer: PeerId): Promise<Connection> {
    const dial = this.#connect(peer).finally(() => this.#dials.delete(peer))
    this.#dials.set(peer, dial)
    return dial
  }

  breakAll(): void {
    for (const connection of [...this.#open.values()]) breakConnection(connection)
  }

  noticeSilence(): void {
    for (const connection of this.#open.values()) {
      this.#internet.loop.after(this.#internet.notice.keepAliveMs, () => {
        const [a, b] = connection.ends
        const silent = a.frozen || b.frozen || !this.#internet.reaches(a.self, b.self)
        if (connection.open && silent) breakConnection(connection)
      })
    }
  }

  add(other: End, connection: Connection): void {
    this.#open.set(other.self, connection)
    this.#tell(other.self, 'up')
  }

  /** The end learns of the break a message's time later. */
  remove(other: End, connection: Connection): void {
    if (this.#open.get(other.self) === connection) this.#open.delete(other.self)
    const delayMs = this.#internet.delay(other.self, this.#owner.self, 0)
    this.#internet.loop.after(delayMs, () =>
      this.#owner.whenAwake(() => {
        this.#owner.loseCalls(connection)
        if (!this.#open.has(other.self)) this.#tell(other.self, 'down')
      })
    )
  }

  /** TCP and noise take two round trips; a closed port answers after one; silence is given up at the dial time-out. */
  #connect(peer: PeerId): Promise<Connection> {
    const { loop, notice, roster } = this.#internet
    const self = this.#owner.self
    return new Promise((resolve, reject) => {
      const refuse = (): void => reject(new NetError('PEER_UNREACHABLE', 'the peer does not answer'))
      if (peer === self || roster.member(peer) === undefined) return refuse()
      const giveUp = this.#owner.clock.setTimer(notice.dialTimeoutMs, refuse)
      const there = this.#internet.delay(self, peer, 0)
      loop.after(there, () => {
        if (!this.#internet.reaches(self, peer)) return
        const target = this.#internet.find(peer)
        const back = this.#internet.delay(peer, self, 0)
        const refused = (): void => {
          giveUp()
          refuse()
        }
        if (target === undefined || this.#internet.find(self) === undefined || roster.member(self) === undefined)
          return void loop.after(back, refused)
        target.whenAwake(() => {
          loop.after(back + there + back, () => {
            if (!this.#owner.alive || !target.alive || !this.#internet.reaches(self, peer)) return
            // a port that was closed while the two shook hands ends that handshake too
            if (this.#internet.find(peer) !== target || this.#internet.find(self) === undefined) return refused()
            giveUp()
            resolve(this.#open.get(peer) ?? joinEnds(this.#owner, target))
          })
        })
      })
    })
  }

  #tell(peer: PeerId, state: 'up' | 'down'): void {
    for (const listener of [...this.#listeners]) listener(peer, state)
  }
}

function joinEnds(a: End, b: End): Connection {
  const connection: Connection = { ends: [a, b], open: true, lastArrival: [0, 0] }
  a.connections.add(b, connection)
  b.connections.add(a, connection)
  return connection
}

function breakConnection(connection: Connection): void {
  connection.open = false
  const [a, b] = connection.ends
  a.connections.remove(b, connection)
  b.connections.remove(a, connection)
}
