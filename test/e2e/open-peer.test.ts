import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { Site } from '../../base/ids.ts'
import { seededRandom, systemRandom } from '../../base/random.ts'
import type { Member, Role } from '../../base/roles.ts'
import { generateKeys } from '../../crypto/keys.ts'
import { hashCode } from '../../hashing/hash-code.ts'
import { loadIdentity } from '../../node/peers/identity.ts'
import { openPeer } from '../../node/open-peer.ts'
import { openMaster, openOwner, openSlave, openUser } from '../../node/open-role.ts'
import type { Peer } from '../../node/peer.ts'
import type { PeerConfig } from '../../node/peer-config.ts'

const root = mkdtempSync(join(tmpdir(), 'sfmedir-open-'))
const keys = generateKeys(systemRandom)
const model = {
  space: { model: 'a'.repeat(64), view: 'b'.repeat(64), bits: 64 },
  hash: async (images: readonly Uint8Array[]) => images.map(image => hashCode(image.slice(0, 8)))
}
const open: Peer[] = []
let folders = 0

/** A peer's configuration in a folder of its own, with itself in the roster. */
async function configure(roles: Role[], others: readonly Member[] = []): Promise<PeerConfig & { members: Member[] }> {
  const dataFolder = join(root, `peer ${folders++}`)
  const { peer } = await loadIdentity(dataFolder, systemRandom)
  const members = [{ peer, site: `site ${folders}` as Site, roles }, ...others]
  return { dataFolder, members, keys, model, listen: ['/ip4/127.0.0.1/tcp/0'] }
}

async function opened(config: PeerConfig): Promise<Peer> {
  const peer = await openPeer(config)
  open.push(peer)
  return peer
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    error => error.code ?? String(error)
  )

afterEach(async () => {
  await Promise.all(open.splice(0).map(peer => peer.stop()))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('openPeer', { timeout: 120_000 }, () => {
  it('the identity is made once, is readable by its owner only, and stays', async () => {
    const folder = join(root, 'identity')
    const first = await loadIdentity(folder, systemRandom)
    expect(await loadIdentity(folder, systemRandom)).toEqual(first)
    writeFileSync(join(folder, 'identity.key'), 'not a seed')
    expect(await codeOf(loadIdentity(folder, systemRandom))).toBe('KEYS_INVALID')
  })

  it('a peer that the roster does not name, or not with this role, gets CONFIG_INVALID; one without keys KEYS_INVALID', async () => {
    const config = await configure(['slave'])
    expect(await codeOf(opened({ ...config, members: [] }))).toBe('CONFIG_INVALID')
    expect(await codeOf(opened({ ...config, roles: ['master'] }))).toBe('CONFIG_INVALID')
    const master = await configure(['master'])
    expect(await codeOf(opened({ ...master, keys: undefined }))).toBe('KEYS_INVALID')
    const owner = await configure(['owner'])
    expect(await codeOf(opened({ ...owner, keys: undefined }))).toBe('KEYS_INVALID')
  })

  it('a role that a peer did not take up is CONFIG_INVALID when it is used; copying the peer is not', async () => {
    const slave = await opened(await configure(['slave', 'owner']))
    expect(slave.roles).toEqual(['slave', 'owner'])
    expect(slave.slave).toBeDefined()
    expect(slave.owner).toBeDefined()
    for (const role of ['user', 'master'] as const) {
      expect(() => slave[role]).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    }
    expect({ ...slave }.self).toBe(slave.self)
  })

  it('openOwner, openUser, openMaster and openSlave take up that role alone; without it in the roster: CONFIG_INVALID', async () => {
    const config = await configure(['owner', 'user', 'master', 'slave'])
    for (const [role, openRole] of Object.entries({
      owner: openOwner,
      user: openUser,
      master: openMaster,
      slave: openSlave
    })) {
      const peer = await openRole({ ...config, roles: ['owner', 'user'] })
      open.push(peer as Peer)
      expect(peer).toMatchObject({ roles: [role] })
      expect(Reflect.get(peer, role)).toBeDefined()
      await peer.stop()
      const without = await configure(role === 'slave' ? ['master'] : ['slave'])
      expect(await codeOf(openRole(without))).toBe('CONFIG_INVALID')
    }
  })

  it('a second peer on the same folder gets STORE_LOCKED, and the first goes on', async () => {
    const config = await configure(['slave'])
    const first = await opened(config)
    expect(await codeOf(opened(config))).toBe('STORE_LOCKED')
    expect(first.addresses()).not.toEqual([])
    await first.stop()
    expect(await codeOf(opened(config))).toBe('none')
  })

  it('a port in use: PORT_IN_USE; an address that is none: CONFIG_INVALID; then the folder is free again', async () => {
    const first = await opened(await configure(['slave']))
    const listen = [first.addresses()[0].replace(/\/p2p\/.*/, '')]
    const config = await configure(['slave'])
    expect(await codeOf(opened({ ...config, listen }))).toBe('PORT_IN_USE')
    expect(await codeOf(opened({ ...config, listen: ['/nonsense'] }))).toBe('CONFIG_INVALID')
    expect(await codeOf(opened(config))).toBe('none')
  })

  it('an unreachable bootstrap of an owner: BOOTSTRAP_UNREACHABLE', async () => {
    const other = await configure(['slave'])
    const config = await configure(['owner'], other.members)
    const bootstrap = [`/ip4/127.0.0.1/tcp/9/p2p/${other.members[0].peer}`]
    expect(await codeOf(opened({ ...config, bootstrap }))).toBe('BOOTSTRAP_UNREACHABLE')
  })

  it.skipIf(process.getuid?.() === 0)('a read-only folder: FILE_UNWRITABLE', async () => {
    const folder = mkdtempSync(join(root, 'read-only-'))
    chmodSync(folder, 0o500)
    expect(await codeOf(loadIdentity(folder, systemRandom))).toBe('FILE_UNWRITABLE')
  })

  it('a folder that cannot be made: FILE_UNWRITABLE', async () => {
    const file = join(root, 'a file')
    writeFileSync(file, '')
    expect(await codeOf(loadIdentity(join(file, 'below'), systemRandom))).toMatch(/^FILE_UN/)
  })

  it('one process with all roles stores on its own slave and on two others, and finds it', async () => {
    const slaves = await Promise.all([configure(['slave']), configure(['slave'])])
    const all = await configure(
      ['owner', 'user', 'master', 'slave'],
      slaves.flatMap(({ members }) => members)
    )
    const hub = await opened(all)
    const bootstrap = hub.addresses()
    for (const slave of slaves) await opened({ ...slave, members: all.members, bootstrap })
    const { owner, user, master } = hub
    while (master.peers.alive('slave').length < 3) await new Promise(resolve => setTimeout(resolve, 50))
    const image = seededRandom('one').fill(new Uint8Array(10_000))
    const stored = await owner.store(image, { name: 'one' })
    expect(stored).toMatchObject({ total: 3, masters: 1 })
    expect(stored.holders).toContain(hub.self)
    const [found] = await user.search(image, { k: 1 })
    expect(found).toMatchObject({ id: stored.id, metadata: { name: 'one' } })
    expect(Buffer.compare(await user.fetch(found.id), image)).toBe(0)
  })
})
