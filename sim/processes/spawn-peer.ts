import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { NetError } from '../../base/errors.ts'

/** A peer in a process of its own. */
export interface PeerProcess {
  /** Where it listens, with its id: known once it serves. Rejects with `PEER_UNREACHABLE` when it ends before that. */
  readonly addresses: Promise<string[]>
  /** SIGKILL: resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGSTOP: it neither answers nor closes a connection. */
  freeze(): void
  /** SIGCONT. */
  thaw(): void
}

/**
 * Run Node on a program that serves as a peer: `args` are the program and its arguments. Its first line is JSON with its
 * `addresses`, and it ends with its standard input, so that whoever started it leaves nothing behind by dying.
 */
export function spawnPeer(args: readonly string[]): PeerProcess {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  return {
    addresses: addressesOf(child),
    kill: () => kill(child),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT')
  }
}

async function addressesOf(child: ChildProcess & { readonly stdout: NodeJS.ReadableStream }): Promise<string[]> {
  const exited = once(child, 'exit').then(([code]) => {
    throw new NetError('PEER_UNREACHABLE', `a peer's process ended at its start with exit code ${code}`)
  })
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exited])
  exited.catch(() => {}) // it serves: its later end is its starter's own doing
  return JSON.parse(line).addresses
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
