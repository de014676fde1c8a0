import type { Clock } from '../../base/clock.ts'
import { type Log, silent } from '../../base/log.ts'
import { once } from '../../base/once.ts'
import type { Random } from '../../base/random.ts'
import type { Roster } from '../../base/roles.ts'
import { AddressBook, type KeptAddresses } from './address-book.ts'
import { Bootstrap, checkAddress } from './bootstrap.ts'
import { createLibp2p, type Libp2pNode } from './create-libp2p.ts'
import { Door } from './door.ts'
import { KadDirectory, type KadDirectoryInit } from './kad-directory.ts'
import { Libp2pNetwork, type Libp2pNetworkInit } from './libp2p-network.ts'
import { VisitorLog } from './visitor-log.ts'
import type { Directory, Network } from '../network.ts'

/** What a peer needs to come on the network. */
export interface OpenNetworkInit extends Libp2pNetworkInit, KadDirectoryInit {
  /** Ed25519 seed, 32 bytes: the peer's identity. */
  readonly seed: Uint8Array
  readonly roster: Roster
  /** Multiaddrs to listen on; none for a peer that only dials. */
  readonly listen: readonly string[]
  /** Multiaddrs of peers to dial first, with their ids; none for the first peer of a network. */
  readonly bootstrap: readonly string[]
  /** `server` for masters and slaves, `client` for owners and users. */
  readonly dht: 'server' | 'client'
  readonly clock: Clock
  readonly random: Random
  /** Give up when no bootstrap peer has answered by then, in ms; 10,000 unless told otherwise. */
  readonly bootstrapMs?: number
  /** Never give up: come on the network whether a bootstrap peer answers or not, and go on trying. */
  readonly patient?: boolean
  /** Addresses from earlier runs, dialled like bootstrap peers. */
  readonly kept?: KeptAddresses
  /** Takes who comes and goes, and what goes wrong meanwhile. */
  readonly log?: Log
}

/** A peer on the network. */
export interface OpenNetwork {
  readonly network: Network
  readonly directory: Directory
  /** Where this peer listens, with its id: what others may use as bootstrap. */
  addresses(): string[]
  /** Leave the network; returns within 5 s whatever hangs. May be called twice. */
  stop(): Promise<void>
}

/** A peer that has its ports and nobody has come through them yet. */
export interface PreparedNetwork extends OpenNetwork {
  /** Let others in and dial the bootstrap peers, once every handler stands. @throws NetError `BOOTSTRAP_UNREACHABLE`, unless it is patient */
  join(): Promise<void>
}

export type { KeptAddresses }

const BOOTSTRAP_MS = 10_000
const STOP_MS = 5_000
const NOTHING_KEPT: KeptAddresses = { read: async () => [], write: async () => {} }

/**
 * Come on the network: listen, dial the bootstrap peers, answer who looks for peers.
 * @throws NetError `PORT_IN_USE`, `BOOTSTRAP_UNREACHABLE`, `CONFIG_INVALID` for an address that is none
 */
export async function openNetwork(init: OpenNetworkInit): Promise<OpenNetwork> {
  const prepared = await prepareNetwork(init)
  try {
    await prepared.join()
    return prepared
  } catch (error) {
    await prepared.stop()
    throw error
  }
}

/**
 * Take the ports, and answer nobody yet: who connects waits at the door until {@link PreparedNetwork.join}.
 * @throws NetError `PORT_IN_USE`, `CONFIG_INVALID` for an address that is none
 */
export async function prepareNetwork(init: OpenNetworkInit): Promise<PreparedNetwork> {
  const { roster, clock, random, log = silent, kept = NOTHING_KEPT } = init
  for (const address of [...init.listen, ...init.bootstrap]) checkAddress(address)
  const book = new AddressBook({ roster, clock, log, kept })
  const door = new Door({ clock, isKnown: group => book.isKnown(group) })
  const visitors = new VisitorLog({ roster, clock, log })
  const node = await createLibp2p({ ...init, door, refused: peer => visitors.refuse(peer) })
  visitors.watch(node)
  await book.start(node)
  const network = new Libp2pNetwork({ node, roster, clock }, init)
  const directory = new KadDirectory({ node, network, roster, clock }, init)
  directory.start()
  const addresses = (): string[] => [...init.bootstrap, ...book.addresses]
  const bootstrap = new Bootstrap(node, { addresses, clock, random, log })
  const stopped = new AbortController()
  return {
    network,
    directory,
    addresses: () => node.getMultiaddrs().map(String),
    join: async () => {
      door.open()
      if (init.patient === true) await bootstrap.tryOnce(stopped.signal)
      else await bootstrap.reach({ withinMs: init.bootstrapMs ?? BOOTSTRAP_MS })
      void bootstrap.keep(stopped.signal)
    },
    stop: once(async () => {
      stopped.abort()
      await book.stop()
      directory.stop()
      network.stop()
      await stopWithin(node, clock)
    })
  }
}

// libp2p's stop was seen never to settle where many nodes ran in one process.
function stopWithin(node: Libp2pNode, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(STOP_MS, resolve)
    Promise.resolve(node.stop()).then(resolve, reject).finally(cancel)
  })
}
