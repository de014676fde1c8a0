import type { Clock } from '../../base/clock.ts'
import { once } from '../../base/once.ts'
import type { Random } from '../../base/random.ts'
import type { Roster } from '../../base/roles.ts'
import { bootstrap, checkAddress, keepBootstrapped } from './bootstrap.ts'
import { createLibp2p, type Libp2pNode } from './create-libp2p.ts'
import { KadDirectory, type KadDirectoryInit } from './kad-directory.ts'
import { Libp2pNetwork, type Libp2pNetworkInit } from './libp2p-network.ts'
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

const BOOTSTRAP_MS = 10_000
const STOP_MS = 5_000

/**
 * Come on the network: listen, dial the bootstrap peers, answer who looks for peers.
 * @throws NetError `PORT_IN_USE`, `BOOTSTRAP_UNREACHABLE`, `CONFIG_INVALID` for an address that is none
 */
export async function openNetwork(init: OpenNetworkInit): Promise<OpenNetwork> {
  const { roster, clock } = init
  for (const address of [...init.listen, ...init.bootstrap]) checkAddress(address)
  const node = await createLibp2p(init)
  const network = new Libp2pNetwork({ node, roster, clock }, init)
  const directory = new KadDirectory({ node, network, roster, clock }, init)
  const stopped = new AbortController()
  const stop = once(async () => {
    stopped.abort()
    directory.stop()
    network.stop()
    await stopWithin(node, clock)
  })
  try {
    directory.start()
    const first = { addresses: init.bootstrap, clock, random: init.random }
    await bootstrap(node, first, { withinMs: init.bootstrapMs ?? BOOTSTRAP_MS })
    void keepBootstrapped(node, first, stopped.signal)
    return { network, directory, addresses: () => node.getMultiaddrs().map(String), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

// libp2p's stop was seen never to settle where many nodes ran in one process.
function stopWithin(node: Libp2pNode, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(STOP_MS, resolve)
    Promise.resolve(node.stop()).then(resolve, reject).finally(cancel)
  })
}
