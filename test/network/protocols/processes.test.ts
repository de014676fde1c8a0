import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { imageId, type PeerId, shadowNumber, sharingId } from '../../../base/ids.ts'
import { liveness } from '../../../protocols/liveness.ts'
import { putShadow } from '../../../protocols/put-shadow.ts'
import type { OpenNetwork } from '../../../protocols/transport/open-network.ts'
import { codeOf } from '../../contract/network-suite.ts'
import { OpenRoster, openPeer, until } from './peers.ts'

const SHADOW = { image: imageId('ab'.repeat(32)), sharing: sharingId('cd'.repeat(8)), number: shadowNumber(1) }
const LARGE = new Uint8Array(128 << 20)

/** Resolves when the child has seen the first byte of a request: of 128 MiB, all others are still to come. */
function underWay(child: ChildProcess): Promise<unknown> {
  return new Promise(resolve => child.once('message', resolve))
}

describe('a peer in another process', () => {
  let child: ChildProcess
  let slave: PeerId
  let master: OpenNetwork

  beforeEach(async () => {
    child = fork(join(import.meta.dirname, 'peer-process.ts'))
    const told = await new Promise(resolve => {
      child.on('message', message => {
        if (typeof message === 'object') resolve(message)
      })
    })
    const { self, addresses } = told as { self: PeerId; addresses: string[] } // from peer-process.ts
    slave = self
    const roster = new OpenRoster()
    roster.admit(slave, ['slave'])
    master = await openPeer(roster, 'master', { roles: ['master'], bootstrap: addresses, stallMs: 1_000 })
    await master.network.request(slave, liveness, {}) // what connecting looks up is over
  })

  afterEach(async () => {
    child.kill('SIGKILL')
    await master?.stop()
  })

  it('keeps a 4 MiB shadow and answers liveness', async () => {
    await master.network.request(slave, putShadow, {
      ...SHADOW,
      asked: 0,
      counter: 1,
      shadow: LARGE.subarray(0, 4 << 20)
    })
    expect((await master.network.request(slave, liveness, {})).roles).toEqual(['slave'])
  })
  it('killed in the middle of 128 MiB: PEER_UNREACHABLE, and unreachable after', async () => {
    const code = codeOf(master.network.request(slave, putShadow, { ...SHADOW, asked: 0, counter: 1, shadow: LARGE }))
    await underWay(child)
    child.kill('SIGKILL')
    expect(await code).toBe('PEER_UNREACHABLE')
    await until(() => master.network.connected().length === 0, 'the connection is seen to close')
    expect(await codeOf(master.network.request(slave, liveness, {}))).toBe('PEER_UNREACHABLE')
  })
  it('stopped (SIGSTOP) in the middle of 128 MiB: given up after a second of silence, and fine after SIGCONT', async () => {
    const start = performance.now()
    const code = codeOf(master.network.request(slave, putShadow, { ...SHADOW, asked: 0, counter: 1, shadow: LARGE }))
    await underWay(child)
    child.kill('SIGSTOP')
    expect(['REQUEST_TIMEOUT', 'PEER_UNREACHABLE']).toContain(await code)
    expect(performance.now() - start).toBeLessThan(15_000)
    const hung = { ...liveness, timeoutMs: 500 }
    expect(await codeOf(master.network.request(slave, hung, {}))).toBe('REQUEST_TIMEOUT')
    child.kill('SIGCONT')
    expect(await codeOf(master.network.request(slave, liveness, {}))).toBe('none')
  })
})
