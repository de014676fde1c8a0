import { multiaddr } from '@multiformats/multiaddr'
import { type AbortOptions, abortReason, type Clock, deadline, sleep } from '../../base/clock.ts'
import { asError, NetError } from '../../base/errors.ts'
import { type Random, randomUnit } from '../../base/random.ts'
import type { Libp2pNode } from './create-libp2p.ts'

/** Whom to dial first, and for how long to try. */
export interface BootstrapInit {
  /** Multiaddrs with the peer's id (`/ip4/10.0.0.7/tcp/4001/p2p/12D3Koo…`); our own are passed over. */
  readonly addresses: readonly string[]
  readonly clock: Clock
  readonly random: Random
}

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 30_000
const DIAL_MS = 5_000

/** @throws NetError `CONFIG_INVALID` for an address that is none */
export function checkAddress(text: string): void {
  try {
    multiaddr(text)
  } catch (error) {
    throw new NetError('CONFIG_INVALID', `${text.slice(0, 200)} is not a multiaddr`, { cause: error })
  }
}

/**
 * Dial every bootstrap address until one has answered, again and again with growing pauses for `withinMs`.
 * @throws NetError `BOOTSTRAP_UNREACHABLE`
 */
export async function bootstrap(
  node: Libp2pNode,
  init: BootstrapInit,
  { withinMs, signal }: AbortOptions & { withinMs: number }
): Promise<void> {
  const others = othersOf(node, init.addresses)
  if (others.length === 0) return
  const limit = deadline(init.clock, withinMs, { signal })
  let last: unknown
  try {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
      const dials = await Promise.allSettled(others.map(address => dial(node, address, init.clock, limit.signal)))
      if (dials.some(({ status }) => status === 'fulfilled')) return
      last = dials.find(result => result.status === 'rejected')?.reason
      await sleep(init.clock, jittered(waitMs, init.random), { signal: limit.signal })
    }
  } catch (error) {
    if (signal?.aborted) throw abortReason(signal)
    const message = `no bootstrap peer answered within ${withinMs} ms: ${others.join(', ').slice(0, 300)}`
    throw new NetError('BOOTSTRAP_UNREACHABLE', message, { detail: { withinMs }, cause: last ?? error })
  } finally {
    limit.clear()
  }
}

/** Dial the bootstrap addresses whenever no peer is connected, until the signal fires. */
export async function keepBootstrapped(node: Libp2pNode, init: BootstrapInit, signal: AbortSignal): Promise<void> {
  const others = othersOf(node, init.addresses)
  if (others.length === 0) return
  for (let waitMs = FIRST_WAIT_MS; !signal.aborted; ) {
    try {
      await sleep(init.clock, jittered(waitMs, init.random), { signal })
    } catch {
      return // stopped
    }
    if (node.getPeers().length > 0) waitMs = LONGEST_WAIT_MS / 10
    else {
      await Promise.allSettled(others.map(address => dial(node, address, init.clock, signal)))
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)
    }
  }
}

async function dial(node: Libp2pNode, address: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const limit = deadline(clock, DIAL_MS, { signal })
  try {
    await node.dial(multiaddr(address), { signal: limit.signal })
  } catch (error) {
    throw asError(error)
  } finally {
    limit.clear()
  }
}

function othersOf(node: Libp2pNode, addresses: readonly string[]): string[] {
  const self = node.peerId.toString()
  return addresses.filter(address => !address.endsWith(`/p2p/${self}`))
}

// So that a ward of peers that lost their master together does not dial it together.
function jittered(waitMs: number, random: Random): number {
  return waitMs * (0.75 + randomUnit(random) / 2)
}
