import { expect, it } from 'vitest'
import { isNetError, NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Member, Role } from '../../base/roles.ts'
import type { Codec } from '../../codec/codec.ts'
import type { AnswererInit } from '../../protocols/answerer.ts'
import type { Network, Protocol } from '../../protocols/network.ts'

/** A world in which networks meet: sockets, or a virtual event loop. */
export interface NetworkWorld {
  /** An admitted peer, come alive. Every other one can be asked by its name alone. */
  join(label: string, roles: readonly Role[]): Promise<Network>
  /** End a peer as SIGKILL does. */
  kill(network: Network): Promise<void>
  /** A name that no roster knows. */
  stranger(): PeerId
  /** Let the world go on until the work is done. */
  settle<T>(work: Promise<T>): Promise<T>
  close(): Promise<void>
}

const text: Codec<string> = {
  encode: value => new TextEncoder().encode(value),
  decode: bytes => {
    const value = new TextDecoder().decode(bytes)
    if (value.includes('\ufffd')) throw new NetError('MESSAGE_INVALID', 'not a text')
    return value
  }
}
const raw: Codec<Uint8Array> = { encode: value => value, decode: bytes => bytes }

function echoOf(stream: 'shared' | 'own', name: string): Protocol<string, string> {
  return {
    id: `/sfmedir/suite-${name}/1.0.0`,
    callers: ['master'],
    maxRequestBytes: 64,
    maxAnswerBytes: 64,
    timeoutMs: 2_000,
    ratePerSecond: 1000,
    stream,
    request: text,
    answer: text
  }
}

/** The code with which work fails; 'none' when it does not, the error itself when it has no code. */
export function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'none',
    (error: unknown) => (isNetError(error) ? error.code : error)
  )
}

/** What every Network promises; run for messages on shared streams and for those with a stream of their own. */
export function networkSuite(stream: 'shared' | 'own', open: (init?: AnswererInit) => Promise<NetworkWorld>): void {
  const echo = echoOf(stream, `echo-${stream}`)
  type Act = (world: NetworkWorld, caller: Network, answerer: Network) => Promise<void>
  const inWorld = async (act: Act, init: AnswererInit = {}): Promise<void> => {
    const world = await open(init)
    try {
      await act(world, await world.join('a', ['master', 'user']), await world.join('b', ['slave']))
    } finally {
      await world.close()
    }
  }
  const fact = (name: string, act: Act, init?: AnswererInit): void => it(`${stream}: ${name}`, () => inWorld(act, init))

  fact('a request is answered through the codecs, and the handler knows who calls', async (world, a, b) => {
    const callers: Member[] = []
    b.handle(echo, async (request, caller) => {
      callers.push(caller)
      return `${request}!`
    })
    expect(await world.settle(a.request(b.self, echo, 'hello'))).toBe('hello!')
    expect(callers.map(({ peer, roles }) => ({ peer, roles }))).toEqual([{ peer: a.self, roles: ['master', 'user'] }])
  })
  fact('100 requests at once each get their own answer', async (world, a, b) => {
    b.handle(echo, async request => `${request}!`)
    const answers = Array.from({ length: 100 }, (_, i) => a.request(b.self, echo, String(i)))
    const expected = Array.from({ length: 100 }, (_, i) => `${i}!`)
    expect(await world.settle(Promise.all(answers))).toEqual(expected)
  })
  fact('a caller without the role gets NOT_PERMITTED, one who has it among others an answer', async (world, a, b) => {
    b.handle(echo, async request => request)
    const user = await world.join('c', ['user'])
    expect(await world.settle(codeOf(user.request(b.self, echo, 'x')))).toBe('NOT_PERMITTED')
    expect(await world.settle(codeOf(a.request(b.self, echo, 'x')))).toBe('none')
  })
  fact('an unknown protocol or version is PROTOCOL_UNSUPPORTED', async (world, a, b) => {
    b.handle(echo, async request => request)
    const newer = { ...echo, id: echo.id.replace('1.0.0', '2.0.0') }
    expect(await world.settle(codeOf(a.request(b.self, newer, 'x')))).toBe('PROTOCOL_UNSUPPORTED')
  })
  fact('64 bytes pass where 64 are allowed, 65 are MESSAGE_TOO_LARGE at every end', async (world, a, b) => {
    b.handle(echo, async request => (request.length === 64 ? request : 'y'.repeat(65)))
    const lax = { ...echo, maxRequestBytes: 1000, maxAnswerBytes: 1000 }
    const strict = { ...echo, maxAnswerBytes: 63 }
    expect(await world.settle(codeOf(a.request(b.self, echo, 'x'.repeat(64))))).toBe('none')
    expect(await world.settle(codeOf(a.request(b.self, echo, 'x'.repeat(65))))).toBe('MESSAGE_TOO_LARGE')
    expect(await world.settle(codeOf(a.request(b.self, lax, 'x'.repeat(65))))).toBe('MESSAGE_TOO_LARGE')
    expect(await world.settle(codeOf(a.request(b.self, lax, 'short')))).toBe('MESSAGE_TOO_LARGE')
    const other = await world.join('d', ['master'])
    expect(await world.settle(codeOf(other.request(b.self, strict, 'x'.repeat(64))))).toBe('MESSAGE_TOO_LARGE')
    expect(await world.settle(codeOf(a.request(b.self, echo, 'x'.repeat(64))))).toBe('none')
  })
  fact(
    'a NetError of the handler arrives with its code, any other error as INTERNAL without its text',
    async (world, a, b) => {
      b.handle(echo, async request => {
        if (request === 'full') throw new NetError('STORE_FULL', 'no room')
        throw new Error('the secret is 42')
      })
      expect(await world.settle(codeOf(a.request(b.self, echo, 'full')))).toBe('STORE_FULL')
      const told = await world.settle(a.request(b.self, echo, 'x').catch(error => error))
      expect(told.code).toBe('INTERNAL')
      expect(JSON.stringify([told.message, told.detail, String(told)])).not.toContain('42')
    }
  )
  fact(
    'bytes that the codec refuses are MESSAGE_INVALID, from the caller and from the answerer',
    async (world, a, b) => {
      b.handle({ ...echo, answer: raw }, async () => Uint8Array.of(0xff))
      const garbled = { ...echo, request: raw }
      expect(await world.settle(codeOf(a.request(b.self, garbled, Uint8Array.of(0xff))))).toBe('MESSAGE_INVALID')
      expect(await world.settle(codeOf(a.request(b.self, echo, 'x')))).toBe('MESSAGE_INVALID')
    }
  )
  fact('21 requests at once at 10 a second: 20 are answered, one is RATE_LIMITED', async (world, a, b) => {
    const slow = { ...echo, ratePerSecond: 10 }
    b.handle(slow, async request => request)
    const codes = await world.settle(
      Promise.all(Array.from({ length: 40 }, () => codeOf(a.request(b.self, slow, 'x'))))
    )
    expect(codes.filter(code => code !== 'none' && code !== 'RATE_LIMITED')).toEqual([])
    const answered = codes.filter(code => code === 'none').length
    expect(answered).toBeGreaterThanOrEqual(20)
    expect(answered).toBeLessThan(30) // the bucket fills by one every 100 ms meanwhile
  })
  fact(
    'of several faults the first is told: caller, rate, size, room, form',
    async (world, _a, b) => {
      const rare = { ...echo, ratePerSecond: 0.5 } // one request, and the next after 2 s
      b.handle(rare, async request => request)
      const lax = { ...rare, maxRequestBytes: 1000, request: raw }
      /** What a caller is told until it is told something else, with bytes that are no text. */
      const told = async (label: string, roles: readonly Role[], bytes: number): Promise<unknown[]> => {
        const caller = await world.join(label, roles)
        const codes = new Set()
        for (let sent = 0; sent < 10 && codes.size < 2; sent++) {
          codes.add(await world.settle(codeOf(caller.request(b.self, lax, new Uint8Array(bytes).fill(0xff)))))
        }
        return [...codes]
      }
      expect(await told('c', ['user'], 65)).toEqual(['NOT_PERMITTED'])
      expect(await told('d', ['master'], 65)).toEqual(['MESSAGE_TOO_LARGE', 'RATE_LIMITED'])
      expect(await told('e', ['master'], 51)).toEqual(['BUSY', 'RATE_LIMITED'])
      expect(await told('f', ['master'], 50)).toEqual(['MESSAGE_INVALID', 'RATE_LIMITED'])
    },
    { maxInboundBytes: 50 }
  )
  fact(
    'while one caller has all it may in hand, another has a third of that and masters have all of theirs',
    async (world, a, b) => {
      const all: Protocol<string, string> = { ...echo, id: `${echo.id}-all`, callers: ['user'], timeoutMs: 20_000 }
      const released = Promise.withResolvers<string>()
      const begun = new Map<PeerId, () => void>()
      b.handle(echo, async request => request)
      b.handle(all, (_, { peer }) => {
        begun.get(peer)?.()
        return released.promise
      })
      const ask = (by: Network, bytes: number): Promise<unknown> => codeOf(by.request(b.self, all, 'x'.repeat(bytes)))
      /** Ask what stays in hand until it is released; resolves once it is in hand, to what comes of it. */
      const hold = async (by: Network, bytes: number): Promise<{ told: Promise<unknown> }> => {
        const begins = new Promise<string>(resolve => begun.set(by.self, () => resolve('begun')))
        const told = ask(by, bytes)
        expect(await world.settle(Promise.race([begins, told]))).toBe('begun')
        return { told }
      }
      const [c, d] = [await world.join('c', ['user']), await world.join('d', ['user'])]
      const held = [await hold(c, 60)]
      expect(await world.settle(ask(c, 1))).toBe('BUSY')
      expect(await world.settle(ask(d, 21))).toBe('BUSY')
      held.push(await hold(d, 20))
      expect(await world.settle(codeOf(a.request(b.self, echo, 'x'.repeat(60))))).toBe('none')
      released.resolve('')
      expect(await world.settle(Promise.all(held.map(({ told }) => told)))).toEqual(['none', 'none'])
    },
    { maxInboundBytes: 60 }
  )
  fact(
    'a handler that hangs costs the protocol its time limit, is told by its signal, and no more',
    async (world, a, b) => {
      const short = { ...echo, timeoutMs: 300 }
      let told = 0
      b.handle(short, (request, _, { signal }) => {
        if (request === 'fine') return Promise.resolve('fine')
        signal.addEventListener('abort', () => told++)
        return new Promise(() => {})
      })
      expect(await world.settle(codeOf(a.request(b.self, short, 'hang')))).toBe('REQUEST_TIMEOUT')
      expect(await world.settle(a.request(b.self, short, 'fine'))).toBe('fine')
      expect(told).toBe(1)
    }
  )
  fact('a request given up is REQUEST_ABORTED, and the handler is told', async (world, a, b) => {
    const { promise: told, resolve } = Promise.withResolvers<unknown>()
    const started = Promise.withResolvers<void>()
    b.handle(echo, (_request, _caller, { signal }) => {
      signal.addEventListener('abort', () => resolve(signal.reason))
      started.resolve()
      return new Promise(() => {})
    })
    const controller = new AbortController()
    const code = codeOf(a.request(b.self, echo, 'x', { signal: controller.signal }))
    await world.settle(started.promise)
    controller.abort()
    expect(await world.settle(code)).toBe('REQUEST_ABORTED')
    await world.settle(told)
    expect(await world.settle(codeOf(a.request(b.self, echo, 'x', { signal: AbortSignal.abort() })))).toBe(
      'REQUEST_ABORTED'
    )
  })
  fact(
    'a killed peer is PEER_UNREACHABLE, also in the middle of a request; a stranger is refused',
    async (world, a, b) => {
      const started = Promise.withResolvers<void>()
      b.handle(echo, request => {
        if (request !== 'hang') return Promise.resolve(request)
        started.resolve()
        return new Promise(() => {})
      })
      expect(await world.settle(codeOf(a.request(b.self, echo, 'x')))).toBe('none')
      const code = codeOf(a.request(b.self, echo, 'hang'))
      await world.settle(started.promise)
      await world.kill(b)
      expect(await world.settle(code)).toBe('PEER_UNREACHABLE')
      expect(await world.settle(codeOf(a.request(b.self, echo, 'x')))).toBe('PEER_UNREACHABLE')
      expect(['NOT_PERMITTED', 'PEER_UNREACHABLE']).toContain(
        await world.settle(codeOf(a.request(world.stranger(), echo, 'x')))
      )
    }
  )
  fact('connected peers are listed, and told of as they come and go', async (world, a) => {
    const seen: string[] = []
    const down = Promise.withResolvers<void>()
    const stop = a.onPeer((peer, state) => {
      seen.push(`${peer} ${state}`)
      if (state === 'down') down.resolve()
    })
    const late = await world.join('late', ['slave'])
    late.handle(echo, async request => request)
    await world.settle(a.request(late.self, echo, 'x'))
    expect(a.connected()).toContain(late.self)
    await world.kill(late)
    await world.settle(down.promise)
    expect(seen.filter(told => told.startsWith(late.self))).toEqual([`${late.self} up`, `${late.self} down`])
    expect(a.connected()).not.toContain(late.self)
    stop()
  })
  fact('a second handler of a protocol is a TypeError', async (_world, _a, b) => {
    b.handle(echo, async request => request)
    expect(() => b.handle(echo, async request => request)).toThrow(TypeError)
  })
  fact('4 MiB go and come back bit for bit, and later changes by the sender are not seen', async (world, a, b) => {
    const size = 4 << 20
    const bulk = { ...echo, maxRequestBytes: size, maxAnswerBytes: size, timeoutMs: 20_000, request: raw, answer: raw }
    let kept = new Uint8Array()
    b.handle(bulk, async request => {
      kept = request.slice()
      return request
    })
    const sent = Uint8Array.from({ length: size }, (_, i) => (i * 2654435761) >>> 24)
    const back = await world.settle(a.request(b.self, bulk, sent))
    expect(Buffer.compare(back, sent)).toBe(0)
    sent.fill(0)
    expect(Buffer.compare(back, kept)).toBe(0)
  })
}
