import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stringify } from 'yaml'
import { type AbortOptions, sleep, systemClock } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import { type PeerId, site } from '../../base/ids.ts'
import { systemRandom } from '../../base/random.ts'
import type { Member, Role } from '../../base/roles.ts'
import { encodeKeys, generateKeys, type Keys, keysFor } from '../../crypto/keys.ts'
import { loadIdentity } from '../../node/peers/identity.ts'
import { openPeer } from '../../node/open-peer.ts'
import type { Peer } from '../../node/peer.ts'

/** How big the demo's network is, and how it splits images. */
export interface ClusterInit {
  readonly masters: number
  readonly slaves: number
  /** Settings that go into every peer's file. */
  readonly settings: Readonly<Record<string, unknown>>
}

interface Server {
  readonly member: Member
  readonly process: ChildProcess
}

const READY_MS = 90_000 // a busy machine with two cores starts eight processes
const POLL_MS = 100
const MAIN = process.argv[1] // the program that this process runs itself

/** A real network on this machine: each master and slave its own process over TCP, an owner and a user in this one. */
export class DemoCluster {
  readonly #init: ClusterInit
  readonly #folder = mkdtempSync(join(tmpdir(), 'sfmedir-demo-'))
  readonly #keys: Keys = generateKeys(systemRandom)
  readonly #servers = new Map<PeerId, Server>()
  #client: Peer | undefined

  constructor(init: ClusterInit) {
    this.#init = init
  }

  /** Owner and user. */
  get client(): Pick<Peer, 'owner' | 'user'> {
    if (this.#client === undefined) throw new NetError('NOT_STARTED', 'the demo network is not started')
    return this.#client
  }

  /** Start every peer and wait until a master sees all of them. */
  async start(): Promise<void> {
    const { masters, slaves } = this.#init
    writeFileSync(join(this.#folder, 'master.keys'), encodeKeys(keysFor(this.#keys, 'master')), { mode: 0o600 })
    const names = [...many('master', masters), ...many('slave', slaves), 'client']
    const members = await Promise.all(names.map(name => this.#enrol(name)))
    writeFileSync(join(this.#folder, 'roster.yaml'), stringify(members))
    const [first] = await this.#run(names[0], members[0], [])
    await Promise.all(members.slice(1, -1).map((member, at) => this.#run(names[at + 1], member, [first])))
    this.#client = await openPeer({
      dataFolder: join(this.#folder, 'client'),
      members,
      keys: keysFor(this.#keys, 'owner', 'user'),
      bootstrap: [first]
    })
    await this.#seen(masters, slaves)
  }

  /** End the process of a peer as a power cut would. */
  async kill(peer: PeerId): Promise<void> {
    const server = this.#servers.get(peer)
    if (server === undefined) throw new RangeError(`peer must be one of the demo's running peers, not ${peer}`)
    const gone = once(server.process, 'exit')
    server.process.kill('SIGKILL')
    await gone
    this.#servers.delete(peer)
  }

  /** The running peers that carry a role. */
  running(role: Role): PeerId[] {
    return [...this.#servers.values()]
      .filter(({ member }) => member.roles.includes(role))
      .map(({ member }) => member.peer)
  }

  /** The site of a peer, for people. */
  siteOf(peer: PeerId): string {
    return this.#servers.get(peer)?.member.site ?? peer
  }

  /** End everything and leave nothing behind. */
  async stop(): Promise<void> {
    await this.#client?.stop()
    await Promise.all([...this.#servers.keys()].map(peer => this.kill(peer)))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #enrol(name: string): Promise<Member> {
    const { peer } = await loadIdentity(join(this.#folder, name), systemRandom)
    const roles: Role[] = name === 'client' ? ['owner', 'user'] : [name.startsWith('master') ? 'master' : 'slave']
    return { peer, site: site(name === 'client' ? 'clinic' : `hospital ${name}`), roles }
  }

  async #run(name: string, member: Member, bootstrap: string[]): Promise<string[]> {
    const config = join(this.#folder, `${name}.yaml`)
    const own = {
      data: `./${name}`,
      roles: member.roles,
      site: member.site,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      bootstrap
    }
    const keys = member.roles.includes('master') ? { keys: './master.keys' } : {}
    writeFileSync(config, stringify({ ...this.#init.settings, ...own, ...keys, roster: './roster.yaml' }))
    const child = spawn(process.execPath, [MAIN, 'run', '--config', config, '--until-stdin-ends', '--json'], {
      stdio: ['pipe', 'pipe', 'inherit']
    })
    this.#servers.set(member.peer, { member, process: child })
    const lines = createInterface({ input: child.stdout })
    const exited = once(child, 'exit').then(([code]) => {
      throw new NetError('PEER_UNREACHABLE', `${name} ended at its start with exit code ${code}`)
    })
    const [line] = await Promise.race([once(lines, 'line'), exited])
    exited.catch(() => {}) // it runs: its later end is the demo's own doing
    return JSON.parse(line).addresses
  }

  async #seen(masters: number, slaves: number, options: AbortOptions = {}): Promise<void> {
    const until = systemClock.now() + READY_MS
    for (;;) {
      const status = await this.client.user.status(options).catch(() => undefined) // not yet reachable
      const alive = (list: readonly { alive: boolean }[] = []): number => list.filter(peer => peer.alive).length
      if (alive(status?.masters) === masters && alive(status?.slaves) === slaves) return
      if (systemClock.now() > until)
        throw new NetError('REQUEST_TIMEOUT', `the peers did not find each other in ${READY_MS} ms`)
      await sleep(systemClock, POLL_MS, options)
    }
  }
}

function many(role: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${role} ${at + 1}`.replace(' ', '-'))
}
