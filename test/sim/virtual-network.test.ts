import { describe, expect, it } from 'vitest'
import { sleep } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { Role } from '../../base/roles.ts'
import type { Protocol } from '../../protocols/network.ts'
import { VirtualWorld, type WorldInit } from '../../sim/virtual/virtual-world.ts'

const text = {
  encode: (value: string) => new TextEncoder().encode(value),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes)
}

const echo: Protocol<string, string> = {
  id: '/sfmedir/echo/1.0.0',
  callers: ['master'],
  maxRequestBytes: 64,
  maxAnswerBytes: 64,
  timeoutMs: 1000,
  ratePerSecond: 10,
  stream: 'shared',
  request: text,
  answer: text
}

function pair(init: Partial<WorldInit> = {}, callerRoles: Role[] = ['master']) {
  const world = new VirtualWorld({ seed: 1, keepLog: true, ...init })
  const [a, b] = [world.admit('a', callerRoles), world.admit('b', ['slave'])]
  const [caller, answerer] = [world.live(a), world.live(b)]
  answerer.network.handle(echo, async request => `${request}!`)
  return { world, a, b, caller, answerer }
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    error => error.code
  )

describe('virtual network', () => {
  it('a first request dials (two round trips) and is answered through the codecs', async () => {
    const { world, caller, b } = pair({ link: { latencyMs: 10, jitterMs: 0 } })
    const up: string[] = []
    caller.network.onPeer((peer, state) => up.push(`${peer} ${state}`))
    expect(await world.loop.until(caller.network.request(b, echo, 'hello'))).toBe('hello!')
    expect(world.loop.now).toBeCloseTo(60, 1)
    expect(up).toEqual([`${b} up`])
    expect(caller.network.connected()).toEqual([b])
  })

  it('refuses callers without the role, unknown protocols, requests and answers over their size', async () => {
    const { world, caller, b } = pair({}, ['user'])
    expect(await world.loop.until(codeOf(caller.network.request(b, echo, 'x')))).toBe('NOT_PERMITTED')
    const other = pair()
    const ask = (protocol: Protocol<string, string>, request: string): Promise<string> =>
      other.world.loop.until(codeOf(other.caller.network.request(other.b, protocol, request)))
    expect(await ask({ ...echo, id: '/sfmedir/other/1.0.0' }, 'x')).toBe('PROTOCOL_UNSUPPORTED')
    expect(await ask(echo, 'x'.repeat(65))).toBe('MESSAGE_TOO_LARGE')
    expect(await ask({ ...echo, maxRequestBytes: 1000 }, 'x'.repeat(65))).toBe('MESSAGE_TOO_LARGE')
    expect(await ask(echo, 'x'.repeat(64))).toBe('MESSAGE_TOO_LARGE')
  })

  it('21 requests at once at 10 a second: 20 pass, the last is RATE_LIMITED', async () => {
    const { world, caller, b } = pair()
    await world.loop.until(caller.network.request(b, echo, 'connect'))
    await world.loop.until(sleep(caller.clock, 10_000))
    const codes = Array.from({ length: 21 }, () => codeOf(caller.network.request(b, echo, 'x')))
    const ended = await world.loop.until(Promise.all(codes))
    expect(ended.filter(code => code === 'none')).toHaveLength(20)
    expect(ended[20]).toBe('RATE_LIMITED')
  })

  it('a dead peer refuses at once, a frozen one and a cut-off one cost the time limit', async () => {
    const { world, caller, answerer, b } = pair()
    const ask = (): Promise<string> => world.loop.until(codeOf(caller.network.request(b, echo, 'x')))
    expect(await ask()).toBe('none')
    answerer.freeze()
    const before = world.loop.now
    expect(await ask()).toBe('REQUEST_TIMEOUT')
    expect(world.loop.now - before).toBeCloseTo(1000, 0)
    answerer.thaw()
    expect(await ask()).toBe('none')
    world.internet.partition([[b]])
    expect(await ask()).toBe('REQUEST_TIMEOUT')
    world.internet.heal()
    expect(await ask()).toBe('none')
    answerer.kill()
    expect(await ask()).toBe('PEER_UNREACHABLE')
  })

  it('a request in flight to a peer that is killed ends with PEER_UNREACHABLE, and both ends lose the connection', async () => {
    const { world, caller, answerer, b } = pair()
    const slow = { ...echo, id: '/sfmedir/slow/1.0.0', timeoutMs: 60_000 }
    answerer.network.handle(slow, async request => {
      await sleep(answerer.clock, 30_000)
      return request
    })
    const states: string[] = []
    caller.network.onPeer((_, state) => states.push(state))
    const code = codeOf(caller.network.request(b, slow, 'x'))
    await world.loop.until(sleep(caller.clock, 100))
    answerer.kill()
    expect(await world.loop.until(code)).toBe('PEER_UNREACHABLE')
    expect(states).toEqual(['up', 'down'])
    expect(world.loop.now).toBeLessThan(200)
  })

  it('a coded error keeps its code, any other becomes INTERNAL, and the handler learns that the caller gave up', async () => {
    const { world, caller, answerer, b } = pair()
    const failing = { ...echo, id: '/sfmedir/failing/1.0.0' }
    answerer.network.handle(failing, async request => {
      if (request === 'coded') throw new NetError('STORE_FULL', 'full')
      throw new Error('secret')
    })
    const waiting = { ...echo, id: '/sfmedir/waiting/1.0.0' }
    const reasons: string[] = []
    answerer.network.handle(waiting, async (request, _, { signal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason.code))
      await sleep(answerer.clock, 500)
      return request
    })
    expect(await world.loop.until(codeOf(caller.network.request(b, failing, 'coded')))).toBe('STORE_FULL')
    expect(await world.loop.until(codeOf(caller.network.request(b, failing, 'plain')))).toBe('INTERNAL')
    const controller = new AbortController()
    caller.clock.setTimer(200, () => controller.abort())
    const code = codeOf(caller.network.request(b, waiting, 'x', { signal: controller.signal }))
    expect(await world.loop.until(code)).toBe('REQUEST_ABORTED')
    await world.loop.until(sleep(caller.clock, 1000))
    expect(reasons).toEqual(['REQUEST_ABORTED'])
  })

  it('the same seed gives the same history byte for byte, another seed another', async () => {
    const history = async (seed: number): Promise<string> => {
      const { world, caller, b } = pair({ seed, link: { loss: 0.1, duplication: 0.2, reordering: 0.2 } })
      for (let k = 0; k < 50; k++) await world.loop.until(codeOf(caller.network.request(b, echo, `${k}`)))
      return world.log.digest()
    }
    expect(await history(7)).toBe(await history(7))
    expect(await history(7)).not.toBe(await history(8))
  })

  it('what nobody can finish is reported, not waited for', async () => {
    const { world } = pair()
    expect(await codeOf(world.loop.until(new Promise(() => {})))).toBe('SCENARIO_INVALID')
  })

  it('directory: announced roles are found across the network, not across a partition', async () => {
    const { world, a, b, caller, answerer } = pair()
    await world.loop.until(Promise.all([caller.directory.announce('master'), answerer.directory.announce('slave')]))
    expect(await world.loop.until(answerer.directory.find('master'))).toEqual([a])
    expect(await world.loop.until(caller.directory.find('slave'))).toEqual([b])
    expect(await world.loop.until(codeOf(caller.directory.announce('slave')))).toBe('NOT_PERMITTED')
    world.internet.partition([[a], [b]])
    expect(await world.loop.until(caller.directory.find('slave'))).toEqual([])
  })
})
