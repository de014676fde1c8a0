import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { NetError } from '../../base/errors.ts'
import type { Member } from '../../base/roles.ts'

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

/** A slave that runs in a process of its own. */
export interface SlaveProcess {
  /** Where it listens, with its id. */
  readonly addresses: string[]
  /** SIGKILL: resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP: it neither answers nor closes a connection. */
  freeze(): void
  /** SIGCONT. */
  thaw(): void
}

const PROGRAM = fileURLToPath(new URL(`slave-process${extname(import.meta.url)}`, import.meta.url))

/** Start a slave's process; resolves when it serves. @throws NetError `PEER_UNREACHABLE` when it ends before that */
export async function spawnSlave(init: SlaveProcessInit): Promise<SlaveProcess> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(init)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit').then(([code]) => {
    throw new NetError('PEER_UNREACHABLE', `a slave's process ended at its start with exit code ${code}`)
  })
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exited])
  exited.catch(() => {}) // it serves: its later end is the simulator's own doing
  return {
    addresses: JSON.parse(line),
    kill: () => kill(child),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT')
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
