import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { NetError } from '../base/errors.ts'
import type { PeerId } from '../base/ids.ts'
import { once } from '../base/once.ts'
import { withDefaults } from '../base/options.ts'
import { systemRandom } from '../base/random.ts'
import type { Member, Role, Roster } from '../base/roles.ts'
import { createSigner } from '../crypto/ed25519-signer.ts'
import { cipherNamed, cipherOf } from '../crypto/image-ciphers.ts'
import { type KeyRing, keyNamed } from '../crypto/keys.ts'
import { schemeNamed } from '../crypto/shadow-schemes.ts'
import { LevelRecordStore } from '../indexing/level-record-store.ts'
import type { RecordStore } from '../indexing/record-store.ts'
import { type OpenNetwork, type OpenNetworkInit, prepareNetwork } from '../protocols/transport/open-network.ts'
import { DiskShadowStore } from '../storage/disk-shadow-store.ts'
import type { ClientPorts } from './client/client-ports.ts'
import { loadIdentity } from './peers/identity.ts'
import { keptAddresses } from './peers/kept-addresses.ts'
import { type ListedRoster, listRoster } from './peers/list-roster.ts'
import { type Log, silent } from '../base/log.ts'
import { loopbackNetwork } from './peers/loopback-network.ts'
import { Master } from './master/master.ts'
import { Owner, type OwnerPorts } from './client/owner.ts'
import { FileSharingJournal } from './placement/sharing-journal.ts'
import { shadowsFolder } from './open-trash.ts'
import { OpenedPeer, type Peer, type PeerParts } from './peer.ts'
import { leavingMark } from './leaving-mark.ts'
import { PEER_DEFAULTS, type PeerConfig } from './peer-config.ts'
import { readHealth } from './peer-health.ts'
import { placementNamed } from './placement/slave-placements.ts'
import { Slave } from './slave/slave.ts'
import { User } from './client/user.ts'
import { Vitals } from './peers/vitals.ts'

type FullConfig = PeerConfig & typeof PEER_DEFAULTS
type Parts = ReturnType<typeof commonParts>

/**
 * Open a peer: its identity and stores on disk, libp2p, and its roles, all started. For one role alone there are
 * `openOwner`, `openUser`, `openMaster` and `openSlave`.
 * @throws NetError `CONFIG_INVALID` when the roster does not give it a role, `KEYS_INVALID`, `MODEL_INVALID`, `STORE_LOCKED`
 *   when another process has the folder, `PORT_IN_USE`, for an owner or user `BOOTSTRAP_UNREACHABLE`
 */
export async function openPeer(given: PeerConfig): Promise<Peer> {
  const config: FullConfig = { ...given, ...withDefaults(PEER_DEFAULTS, given) }
  const roster = listRoster(config.members)
  const { seed, peer } = await loadIdentity(config.dataFolder, systemRandom)
  const roles = checkRoles(config.roles, roster.member(peer), peer)
  const client = await openClient(config, roles)
  const stores = storesOf(config, roles, roster.withRole('master').length > 1)
  const closing: (() => Promise<void>)[] = [async () => client?.close()]
  const stop = once(async () => {
    for (const close of closing.reverse()) await close()
  })
  try {
    // Before the network: a folder that another process has is the clearer error, and nobody is answered in vain.
    for (const store of stores.all) {
      await store.start()
      closing.push(() => store.stop())
    }
    const open = await prepareNetwork(networkOf(config, { seed, roster, serves: stores.all.length > 0 }))
    closing.push(open.stop)
    const parts = commonParts(open, roster, { seed, log: config.log ?? silent })
    const slave =
      stores.shadows &&
      new Slave({ ...parts, shadows: stores.shadows, isLeaving: leavingMark(config.dataFolder) }, config.slave)
    const master = stores.records && makeMaster(config, stores.records, parts)
    for (const role of [slave, master]) {
      if (role === undefined) continue
      await role.start()
      closing.push(() => role.stop())
    }
    const clients = client === undefined ? {} : clientRoles(config, roles, { ...parts, ...client })
    await open.join() // nobody is answered before every handler stands
    return new OpenedPeer({
      self: peer,
      roles,
      addresses: open.addresses,
      replaceMembers: replacing(roster, roles, peer),
      health: () => readHealth({ ...parts, master, shadows: stores.shadows, members: () => roster.size }),
      stop,
      taken: { master, slave, ...clients }
    })
  } catch (error) {
    await stop()
    throw error
  }
}

function networkOf(
  { dataFolder, listen = [], bootstrap = [], log = silent, watch }: FullConfig,
  { seed, roster, serves }: { seed: Uint8Array; roster: Roster; serves: boolean }
): OpenNetworkInit {
  return {
    seed,
    roster,
    listen,
    bootstrap,
    dht: serves ? 'server' : 'client',
    clock: systemClock,
    random: systemRandom,
    patient: serves, // one master that is down keeps no other peer from starting
    kept: keptAddresses(dataFolder),
    log,
    watch
  }
}

function clientRoles(
  config: FullConfig,
  roles: readonly Role[],
  ports: OwnerPorts
): Pick<PeerParts['taken'], 'owner' | 'user'> {
  return {
    owner: roles.includes('owner') ? new Owner(ports, config) : undefined,
    user: roles.includes('user') ? new User(ports, config.user) : undefined
  }
}

/** Goes by other members, if they still give this peer its roles. */
function replacing(roster: ListedRoster, roles: readonly Role[], self: PeerId): Peer['replaceMembers'] {
  return members => {
    const member = members.find(({ peer }) => peer === self)
    checkRoles(roles, member, self)
    roster.replace(members)
  }
}

function checkRoles(wanted: readonly Role[] | undefined, member: Member | undefined, peer: PeerId): readonly Role[] {
  if (member === undefined) {
    throw new NetError('CONFIG_INVALID', `the roster does not name this peer: ${peer}`, { detail: { peer } })
  }
  const missing = wanted?.find(role => !member.roles.includes(role))
  if (missing === undefined) return wanted ?? member.roles
  throw new NetError('CONFIG_INVALID', `the roster does not give this peer the role ${missing}: ${peer}`, {
    detail: { peer, role: missing }
  })
}

function commonParts(open: OpenNetwork, roster: Roster, { seed, log }: { seed: Uint8Array; log: Log }) {
  const network = loopbackNetwork(open.network, roster)
  const vitals = new Vitals({ network, roster })
  const { directory } = open
  const signer = createSigner(seed)
  return { network, directory, roster, vitals, signer, log, clock: systemClock, random: systemRandom }
}

function storesOf({ dataFolder, quotaBytes, log = silent }: FullConfig, roles: readonly Role[], mends: boolean) {
  const shadows = roles.includes('slave') ? new DiskShadowStore(shadowsFolder(dataFolder), { quotaBytes }) : undefined
  // With other masters damaged records are had again; a master that is the only one does not go on without them.
  const onDamage = mends
    ? (damaged: number) => log('damaged records set aside', { alarm: 'index', damaged })
    : undefined
  const records = roles.includes('master') ? new LevelRecordStore(join(dataFolder, 'records'), { onDamage }) : undefined
  return { shadows, records, all: [shadows, records].filter(store => store !== undefined) }
}

function makeMaster(config: FullConfig, records: RecordStore, parts: Parts): Master {
  const journal = new FileSharingJournal(join(config.dataFolder, 'records', 'sharings.journal'))
  const ring = keysOf(config, 'master')
  const keys = { thresholdKey: keyNamed(ring, 'thresholdKey'), macKey: keyNamed(ring, 'macKey') }
  const scheme = schemeNamed(config.scheme)
  const { threshold, master } = config
  return new Master(
    { ...parts, records, journal, keys, scheme, schemeNamed },
    { placement: placementNamed(config.placement), ...master, threshold: { ...threshold, ...master?.threshold } }
  )
}

type OpenedClient = Pick<ClientPorts, 'keys' | 'hasher' | 'cipher' | 'cipherOf'> & { close(): Promise<void> }

async function openClient(config: FullConfig, roles: readonly Role[]): Promise<OpenedClient | undefined> {
  if (!roles.includes('owner') && !roles.includes('user')) return undefined
  const ring = keysOf(config, 'owner')
  const keys = { imageKey: keyNamed(ring, 'imageKey'), indexKey: keyNamed(ring, 'indexKey') }
  const cipher = cipherNamed(config.cipher)
  if (typeof config.model === 'object') return { keys, cipher, cipherOf, hasher: config.model, close: async () => {} }
  // Only here: decoders and the ONNX runtime would double the start of a master or slave.
  const { loadModel } = await import('../hashing/load-model.ts')
  const { modelHasher } = await import('./client/model-hasher.ts')
  const { openViewPool } = await import('../hashing/view-pool.ts')
  const model = await loadModel(config.model, { folder: config.modelsFolder })
  const viewer = openViewPool()
  const close = async (): Promise<void> => {
    await Promise.all([model.close(), viewer.close()])
  }
  return { keys, cipher, cipherOf, hasher: modelHasher(model, config.bits, viewer), close }
}

function keysOf({ keys }: PeerConfig, role: Role): KeyRing {
  if (keys !== undefined) return keys
  throw new NetError('KEYS_INVALID', `the role ${role} needs a key file`)
}
