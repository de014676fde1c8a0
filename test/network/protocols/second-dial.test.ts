import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { openStream } from '../../../protocols/transport/open-stream.ts'
import { nameOfSeed, OpenRoster, openHostile, seedOf, until } from './peers.ts'

const ID = '/sfmedir/echo/1.0.0'
const closing: (() => unknown)[] = []

afterEach(async () => {
  await Promise.all(closing.splice(0).map(close => close()))
})

/** A port that accepts connections and never says a word: what a cut that swallows a dial looks like. */
async function openHole(): Promise<{ address: string; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer(socket => void sockets.push(socket.on('error', () => {}))) // reset is what happens to it
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close())
  return { address: `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`, sockets }
}

async function openPair() {
  const roster = new OpenRoster()
  for (const label of ['asks', 'answers']) roster.admit(await nameOfSeed(seedOf(label)), ['slave'])
  const [asks, answers] = [await openHostile('asks', roster), await openHostile('answers', roster)]
  closing.push(
    () => asks.stop(),
    () => answers.stop()
  )
  await answers.handle(ID, stream => void stream)
  const hole = await openHole()
  await asks.peerStore.patch(answers.peerId, { multiaddrs: [multiaddr(hole.address)] })
  return { asks, answers, hole }
}

describe('a request that joins a dial which a cut has swallowed', () => {
  it('dials once more when that dial fails, and finds the peer where it is now', async () => {
    const { asks, answers, hole } = await openPair()
    const swallowed = asks.dial(answers.peerId).then(
      () => 'connected',
      () => 'failed'
    )
    await until(() => hole.sockets.length === 1, 'the first dial to reach the hole')
    const dial = vi.spyOn(asks, 'dial')
    const opening = openStream(asks, answers.peerId, {
      id: ID,
      clock: systemClock,
      signal: new AbortController().signal
    })
    for (let turn = 0; turn < 50; turn++) await setImmediate() // it joins the dial within a few turns
    expect(dial).toHaveBeenCalledTimes(1)

    await asks.peerStore.patch(answers.peerId, { multiaddrs: answers.getMultiaddrs() })
    hole.sockets[0].destroy()
    expect((await opening).protocol).toBe(ID)
    expect(dial).toHaveBeenCalledTimes(2)
    expect(await swallowed).toBe('failed')
  })

  it('fails when its own dial fails: nobody dials a third time', async () => {
    const { asks, answers, hole } = await openPair()
    const dial = vi.spyOn(asks, 'dial')
    const opening = openStream(asks, answers.peerId, {
      id: ID,
      clock: systemClock,
      signal: new AbortController().signal
    })
    await until(() => hole.sockets.length === 1, 'the dial to reach the hole')
    hole.sockets[0].destroy()
    await expect(opening).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' })
    expect(dial).toHaveBeenCalledTimes(1)
  })
})
