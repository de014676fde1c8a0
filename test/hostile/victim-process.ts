// A peer in a process of its own, to be attacked: its configuration is the first argument, as JSON. It says its addresses
// once it runs, and whenever it is asked how much memory and how many files it holds, after a garbage collection.
import { readdirSync } from 'node:fs'
import { decodeKeys } from '../../crypto/keys.ts'
import { openPeer } from '../../node/open-peer.ts'
import type { Memory } from './victim.ts'

const { keys, ...config } = JSON.parse(process.argv[2])
const peer = await openPeer({ ...config, keys: keys === undefined ? undefined : decodeKeys(keys) })

process.on('message', question => {
  if (question !== 'memory') return
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, rss, arrayBuffers } = process.memoryUsage()
  const files = readdirSync('/proc/self/fd').length
  process.send?.({
    heapUsed,
    rss,
    arrayBuffers,
    files,
    cpuMs: process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000
  } satisfies Memory)
})
process.on('disconnect', () => process.exit()) // a test that dies leaves no process behind
process.send?.({ addresses: peer.addresses() })
