import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Member } from '../../base/roles.ts'
import { type PeerProcess, spawnPeer } from '../processes/spawn-peer.ts'

/** What a slave's process is told, as JSON. */
export interface SlaveProcessInit {
  /** Ed25519 seed in hex: the peer's identity. */
  readonly seed: string
  readonly members: readonly Member[]
  /** Where its shadows lie; they outlive the process. */
  readonly folder: string
  readonly listen: readonly string[]
  readonly bootstrap: readonly string[]
  readonly dht: 'server' | 'client'
  readonly bootstrapMs: number
}

const PROGRAM = fileURLToPath(new URL(`slave-process${extname(import.meta.url)}`, import.meta.url))

/** Start a slave's process. */
export function spawnSlave(init: SlaveProcessInit): PeerProcess {
  return spawnPeer([PROGRAM, JSON.stringify(init)])
}
