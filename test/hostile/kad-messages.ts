import type { Libp2pNode } from '../../protocols/transport/create-libp2p.ts'
import { systemClock } from '../../base/clock.ts'
import { WireStream } from '../../protocols/transport/wire-stream.ts'
import { multiaddr } from '@multiformats/multiaddr'

/** The kinds of messages that kad-dht knows. */
export const KAD = { PUT_VALUE: 0, GET_VALUE: 1, ADD_PROVIDER: 2, GET_PROVIDERS: 3, FIND_NODE: 4, PING: 5 }
const DHT = '/sfmedir/kad/1.0.0'
const STALL_MS = 3_000

/** A field of a protobuf message: a number or bytes. */
export function field(number: number, value: number | Uint8Array): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)])
  return Buffer.concat([varint(number * 8 + 2), varint(value.length), value])
}

/** A message of kad-dht. */
export function kadMessage(
  type: number,
  key: Uint8Array,
  { record, providers = [] }: { record?: Uint8Array; providers?: readonly Uint8Array[] } = {}
): Buffer {
  const told = providers.map(provider => field(9, provider))
  return Buffer.concat([field(1, type), field(2, key), ...(record ? [field(3, record)] : []), ...told])
}

/** A message with its length before it. */
export function framed(message: Uint8Array): Buffer {
  return Buffer.concat([varint(message.length), message])
}

/** A stream of kad-dht from a hostile peer. */
export async function openKad(node: Libp2pNode, address: string): Promise<WireStream> {
  return new WireStream(await node.dialProtocol(multiaddr(address), DHT), systemClock)
}

/** Ask on a stream of its own; `broken off` when the peer resets it or answers nothing (it says nothing to who provides). */
export async function askKad(node: Libp2pNode, address: string, message: Uint8Array): Promise<Buffer | 'broken off'> {
  const wire = await openKad(node, address)
  try {
    await wire.write([framed(message)], STALL_MS)
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const [digit] = await wire.read(1, { stallMs: STALL_MS })
      length += (digit & 0x7f) << shift
      if (digit < 0x80) break
    }
    return Buffer.from(await wire.read(length, { stallMs: STALL_MS }))
  } catch {
    return 'broken off'
  } finally {
    wire.abort(new Error('seen enough'))
  }
}

function varint(value: number): Buffer {
  const digits = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...digits, rest])
    digits.push((rest % 128) + 128)
  }
}
