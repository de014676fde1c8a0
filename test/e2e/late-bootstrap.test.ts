import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { site } from '../../base/ids.ts'
import { systemRandom } from '../../base/random.ts'
import type { Member, Role } from '../../base/roles.ts'
import { generateKeys } from '../../crypto/keys.ts'
import { openPeer } from '../../node/open-peer.ts'
import type { Peer } from '../../node/peer.ts'
import type { PeerConfig } from '../../node/peer-config.ts'
import { loadIdentity } from '../../node/peers/identity.ts'
import { firstBytesHasher } from '../../sim/cluster/cluster.ts'
import { codeOf } from '../contract/network-suite.ts'

const root = mkdtempSync(join(tmpdir(), 'sfmedir-late-'))
const keys = generateKeys(systemRandom)
const open: Peer[] = []
const LISTEN = ['/ip4/127.0.0.1/tcp/0']
const NOBODY = '/ip4/127.0.0.1/tcp/9/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'

afterEach(async () => {
  for (const peer of open.splice(0).reverse()) await peer.stop()
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function enrol(name: string, roles: Role[]): Promise<{ dataFolder: string; member: Member }> {
  const dataFolder = join(root, name)
  const { peer } = await loadIdentity(dataFolder, systemRandom)
  return { dataFolder, member: { peer, site: site(name), roles } }
}

/** Open a peer that keeps what it says. */
async function start(config: PeerConfig): Promise<{ peer: Peer; said: string[] }> {
  const said: string[] = []
  const roles = config.members[0].roles
  const ring = roles.includes('slave') ? undefined : keys
  const log = (fact: string): void => void said.push(fact)
  const peer = await openPeer({ keys: ring, model: firstBytesHasher, log, ...config })
  open.push(peer)
  return { peer, said }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const begun = performance.now()
  while (!holds()) {
    if (performance.now() - begun > 30_000) throw new Error(`still waiting: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** The address list of a folder. */
function keptIn(dataFolder: string): string[] {
  return JSON.parse(readFileSync(join(dataFolder, 'addresses.json'), 'utf8'))
}

describe('a slave whose bootstrap peer is down', () => {
  it('starts, says so once, and is found by the master that starts later on that port', async () => {
    const master = await enrol('master-1', ['master'])
    const slave = await enrol('slave-1', ['slave'])
    const first = await start({ ...master, members: [master.member, slave.member], listen: LISTEN })
    const bootstrap = first.peer.addresses()
    await first.peer.stop()
    const { said } = await start({ ...slave, members: [slave.member, master.member], listen: LISTEN, bootstrap })
    expect(said.filter(fact => fact.startsWith('no bootstrap peer answers'))).toHaveLength(1)
    const listen = bootstrap.map(address => address.replace(/\/p2p\/.*/, ''))
    const { peer } = await start({ ...master, members: [master.member, slave.member], listen })
    await until(() => peer.master.peers.alive('slave').length === 1, 'the master sees the slave')
    expect(said.filter(fact => fact.startsWith('no bootstrap peer answers'))).toHaveLength(1)
  })
})

describe('addresses that a peer has learnt', () => {
  it('are tried at its next start, where every bootstrap peer is down', async () => {
    const master = await enrol('master-2', ['master'])
    const user = await enrol('user-2', ['user'])
    const members = [master.member, user.member]
    const { peer } = await start({ ...master, members, listen: LISTEN })
    const config = { ...user, members: [user.member, master.member] }
    const first = await start({ ...config, bootstrap: peer.addresses() })
    await first.peer.user.status()
    await first.peer.stop()
    expect(keptIn(user.dataFolder)).toEqual(peer.addresses())
    const again = await start({ ...config, bootstrap: [NOBODY] })
    expect((await again.peer.user.status()).masters).toHaveLength(1)
  })
  it('a file that holds anything else counts as none', async () => {
    const user = await enrol('user-3', ['user'])
    for (const text of ['', '{"no": "list"}', '[1, "nonsense", "/ip4/127.0.0.1/tcp/9"]']) {
      writeFileSync(join(user.dataFolder, 'addresses.json'), text)
      const { peer } = await start({ ...user, members: [user.member] })
      await peer.stop()
    }
  })
  it('an owner or user with nobody to ask: BOOTSTRAP_UNREACHABLE', async () => {
    const user = await enrol('user-4', ['user'])
    expect(await codeOf(start({ ...user, members: [user.member], bootstrap: [NOBODY] }))).toBe('BOOTSTRAP_UNREACHABLE')
  })
})

describe('a peer that others do not admit', () => {
  it('says so once, goes on, and is let in as soon as they do', async () => {
    const master = await enrol('master-5', ['master'])
    const slave = await enrol('slave-5', ['slave'])
    const { peer } = await start({ ...master, members: [master.member], listen: LISTEN })
    const bootstrap = peer.addresses()
    const { said } = await start({ ...slave, members: [slave.member, master.member], listen: LISTEN, bootstrap })
    const told = (): string[] => said.filter(fact => fact.startsWith('a peer does not admit this one'))
    await until(() => told().length > 0, 'the slave says so')
    peer.replaceMembers([master.member, slave.member])
    await until(() => peer.master.peers.alive('slave').length === 1, 'the master sees the slave')
    expect(told()).toHaveLength(1)
  })
})
