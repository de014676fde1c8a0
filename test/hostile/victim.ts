import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { encodeKeys, type KeyRing } from '../../crypto/keys.ts'
import type { PeerConfig } from '../../node/peer-config.ts'

/** What a process holds, in bytes, after a garbage collection; `files` counts open ones, sockets among them. */
export interface Memory {
  readonly heapUsed: number
  readonly rss: number
  readonly arrayBuffers: number
  readonly files: number
  /** CPU time since its start, in ms. */
  readonly cpuMs: number
}

/** A peer in a process of its own that can be asked for its memory. */
export interface Victim {
  readonly addresses: readonly string[]
  readonly pid: number
  memory(): Promise<Memory>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
}

/** Start a peer as its own process, with `--expose-gc`. Its model is left out of the configuration: masters and slaves need none. */
export async function startVictim(config: Omit<PeerConfig, 'keys'> & { keys?: KeyRing }): Promise<Victim> {
  const { keys, ...plain } = config
  const started = JSON.stringify({ ...plain, keys: keys && encodeKeys(keys) })
  const child = fork(join(import.meta.dirname, 'victim-process.ts'), [started], { execArgv: ['--expose-gc'] })
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`the victim ended with exit code ${code}`))
  )
  ended.catch(() => {}) // whoever waits for an answer is told
  const told = async <T>(): Promise<T> => (await Promise.race([once(child, 'message'), ended]))[0]
  const { addresses } = await told<{ addresses: string[] }>()
  return {
    addresses,
    pid: child.pid ?? 0,
    memory: async () => {
      const answer = told<Memory>()
      child.send('memory')
      return await answer
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended.catch(() => {})
    }
  }
}
