import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sleep, systemClock } from '../../base/clock.ts'
import type { Site } from '../../base/ids.ts'
import { systemRandom } from '../../base/random.ts'
import type { Member, Role } from '../../base/roles.ts'
import { encodeKeys, generateKeys, keysFor } from '../../crypto/keys.ts'
import { hashCode } from '../../hashing/hash-code.ts'
import type { ImageHasher } from '../../node/client/client-ports.ts'
import { loadIdentity } from '../../node/peers/identity.ts'
import { openPeer } from '../../node/open-peer.ts'
import type { Peer } from '../../node/peer.ts'
import type { PeerConfig } from '../../node/peer-config.ts'

/** The first eight bytes of an image are its hash code: no model is needed to test the network. */
const firstBytes: ImageHasher = {
  space: { model: 'a'.repeat(64), view: 'b'.repeat(64), bits: 64 },
  hash: async images => images.map(image => hashCode(image.slice(0, 8)))
}

export interface ServerProcess {
  readonly name: string
  readonly member: Member
  readonly listen: string[]
  child: ChildProcess | undefined
}

/** Masters and slaves as real processes over TCP on loopback, an owner and user in this one. */
export class ProcessGrid {
  readonly folder = mkdtempSync(join(tmpdir(), 'sfmedir-e2e-'))
  readonly keys = generateKeys(systemRandom)
  readonly servers: ServerProcess[] = []
  #members: Member[] = []
  #bootstrap: string[] = []
  #client: Peer | undefined

  /** Start everything; resolves once a master sees all of it. */
  async start(masters: number, slaves: number): Promise<void> {
    const enrol = async (name: string, roles: Role[]): Promise<Member> => {
      const { peer } = await loadIdentity(join(this.folder, name), systemRandom)
      return { peer, site: `site ${name}` as Site, roles }
    }
    for (let i = 0; i < masters; i++) await this.#add(`master ${i}`, await enrol(`master ${i}`, ['master']))
    for (let i = 0; i < slaves; i++) await this.#add(`slave ${i}`, await enrol(`slave ${i}`, ['slave']))
    this.#members.push(await enrol('client', ['owner', 'user']))
    await this.run(this.servers[0])
    this.#bootstrap = this.servers[0].listen
    await Promise.all(this.servers.slice(1).map(server => this.run(server)))
    await this.openClient()
    await this.whenAlive(masters, slaves)
  }

  /** Owner and user. */
  get client(): Pick<Peer, 'owner' | 'user'> {
    if (this.#client === undefined) throw new Error('the grid is not started')
    return this.#client
  }

  /** A new owner and user, with the given settings over the usual ones. */
  async openClient(init: Partial<PeerConfig> = {}): Promise<Peer> {
    await this.#client?.stop()
    const keys = keysFor(this.keys, 'owner', 'user')
    const common = { members: this.#members, bootstrap: this.#bootstrap, model: firstBytes, keys }
    this.#client = await openPeer({ dataFolder: join(this.folder, 'client'), ...common, ...init })
    return this.#client
  }

  /** Run a server's process; a second run takes the port and folder of the first. */
  async run(server: ServerProcess): Promise<void> {
    const config = {
      dataFolder: join(this.folder, server.name),
      members: this.#members,
      listen: server.listen.length > 0 ? server.listen.map(plain) : ['/ip4/127.0.0.1/tcp/0'],
      bootstrap: this.#bootstrap.filter(address => !server.listen.includes(address)),
      master: { orphanGraceMs: 40_000, reconcileMs: 5_000 },
      keys: server.member.roles.includes('master') ? encodeKeys(keysFor(this.keys, 'master')) : undefined
    }
    const script = join(import.meta.dirname, 'run-peer.ts')
    const child = spawn(process.execPath, [script, JSON.stringify(config)], { stdio: ['ignore', 'pipe', 'inherit'] })
    server.child = child
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${server.name} ended with ${code}`)
    })
    const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])
    ended.catch(() => {}) // its later end is the test's doing
    server.listen.splice(0, server.listen.length, ...JSON.parse(line))
  }

  /** kill -9, or another signal; resolves once the process is gone (or, for SIGSTOP, at once). */
  async kill(server: ServerProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = server
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return
    await gone
    server.child = undefined
  }

  /** Wait until a master sees so many masters and slaves alive. */
  async whenAlive(masters: number, slaves: number): Promise<void> {
    await this.when(async () => {
      const status = await this.client.user.status()
      const alive = (list: readonly { alive: boolean }[]): number => list.filter(peer => peer.alive).length
      return alive(status.masters) === masters && alive(status.slaves) === slaves
    })
  }

  /** Wait for a condition, at most two minutes; what it throws counts as not yet. */
  async when(condition: () => Promise<boolean>): Promise<void> {
    const until = systemClock.now() + 120_000
    for (;;) {
      const failure = await condition().then(holds => (holds ? undefined : 'it does not hold'), String)
      if (failure === undefined) return
      if (systemClock.now() > until) throw new Error(`the condition never came to hold: ${failure}`)
      await sleep(systemClock, 100)
    }
  }

  async stop(): Promise<void> {
    await this.#client?.stop()
    await Promise.all(this.servers.map(server => this.kill(server)))
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #add(name: string, member: Member): Promise<void> {
    this.#members.push(member)
    this.servers.push({ name, member, listen: [], child: undefined })
  }
}

/** A multiaddr without the peer id at its end. */
function plain(address: string): string {
  return address.replace(/\/p2p\/\w+$/, '')
}
