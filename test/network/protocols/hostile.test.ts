import { createHash } from 'node:crypto'
import type { Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../../base/clock.ts'
import { site } from '../../../base/ids.ts'
import { ROLES, type Roster } from '../../../base/roles.ts'
import { type Libp2pNode, idOf } from '../../../protocols/transport/create-libp2p.ts'
import { findPeers } from '../../../protocols/find-peers.ts'
import type { Handler, Network, Protocol } from '../../../protocols/network.ts'
import { putShadow, type PutShadowRequest } from '../../../protocols/put-shadow.ts'
import { STATUS_NUMBERS } from '../../../protocols/status.ts'
import type { OpenNetwork } from '../../../protocols/transport/open-network.ts'
import { WireStream } from '../../../protocols/transport/wire-stream.ts'
import { codeOf } from '../../contract/network-suite.ts'
import { ALL_MESSAGES } from '../../unit/protocols/messages.ts'
import { OpenRoster, openHostile, openPeer, until } from './peers.ts'

const STALL_MS = 400
const LIMIT_MS = 600
const HOUR = 3_600_000
const MIB = 1024 * 1024
const [ALL_MEMBERS, STRANGER] = ['hostile', 'stranger']

type Any = Protocol<unknown, unknown>

// Each protocol with one honest request and answer of its own; its time limit and rate are cut down so that tests reach them.
// find-peers is answered by the directory itself: libp2p-network.test.ts.
const cases = ALL_MESSAGES.filter(({ protocol }) => protocol.id !== findPeers.id).map(
  ({ protocol, request, answer }) => {
    const wire: Any = { ...(protocol as unknown as Any), timeoutMs: LIMIT_MS, ratePerSecond: 10 }
    const [asked] = fc.sample(request, { seed: 7, numRuns: 1 })
    const [told] = fc.sample(answer, { seed: 7, numRuns: 1 })
    return { id: protocol.id, protocol: wire, asked, told }
  }
)

const everybody: Roster = { member: peer => ({ peer, site: site('x'), roles: ROLES }), withRole: () => [] }
const roster = new OpenRoster()
let hours = 0 // turned on before each test, so that every rate limit starts full
const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + hours * HOUR }
let server: OpenNetwork
let honest: OpenNetwork
let hostile: Libp2pNode
const behaviour = new Map<string, Handler<unknown, unknown>>()

beforeAll(async () => {
  server = await openPeer(roster, 'server', { roles: ['master', 'slave'], stallMs: STALL_MS, clock })
  honest = await openPeer(roster, 'honest', { roles: ROLES, bootstrap: server.addresses(), stallMs: STALL_MS, clock })
  for (const { id, protocol, told } of cases) {
    behaviour.set(id, async () => told)
    server.network.handle(protocol, async (request, caller, options) => await handlerOf(id)(request, caller, options))
  }
  hostile = await openHostile(ALL_MEMBERS, everybody)
  roster.admit(idOf(hostile.peerId), ROLES)
  await hostile.dial(multiaddr(server.addresses()[0]))
})

afterAll(async () => {
  await Promise.all([server?.stop(), honest?.stop(), hostile?.stop()])
})

beforeEach(() => {
  hours++
  roster.admit(idOf(hostile.peerId), ROLES)
})

function handlerOf(id: string): Handler<unknown, unknown> {
  const handler = behaviour.get(id)
  if (handler === undefined) throw new Error(`no behaviour for ${id}`)
  return handler
}

function withVersion(id: string, version: string): string {
  return id.replace(/\d+\.\d+\.\d+$/, version)
}

async function connect(id: string): Promise<{ wire: WireStream; stream: Stream }> {
  const stream = await hostile.dialProtocol(multiaddr(server.addresses()[0]), id)
  return { wire: new WireStream(stream, systemClock), stream }
}

/** A frame as the hostile peer makes it: honest unless told otherwise. */
function frameOf(protocol: Any, body: Uint8Array, { length = body.length, digest = sha(body) } = {}): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(length)
  if (protocol.stream === 'own') return Buffer.concat([head, digest, body])
  return Buffer.concat([head, Buffer.from([0, 0, 0, 7, 0]), body])
}

function sha(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest()
}

/** The status byte of the answer. */
async function statusOf(protocol: Any, wire: WireStream): Promise<number> {
  const head = await wire.read(protocol.stream === 'own' ? 1 : 9, { stallMs: 5_000 })
  return head[head.length - 1]
}

async function answerTo(protocol: Any, frame: Uint8Array): Promise<number> {
  const { wire } = await connect(protocol.id)
  await wire.write([frame], 5_000)
  const status = await statusOf(protocol, wire)
  wire.abort(new Error('seen enough'))
  return status
}

describe.each(cases)('$id', ({ id, protocol, asked, told }) => {
  const request = protocol.request.encode(asked)
  const ask = (network: Network, changes: Partial<Any> = {}, options = {}): Promise<unknown> =>
    network.request(server.network.self, { ...protocol, ...changes }, asked, options)

  it('answers an honest peer', async () => {
    expect(await ask(honest.network)).toEqual(told)
  })
  it('a peer without the role: NOT_PERMITTED, over a raw stream too', async () => {
    const roles = ROLES.filter(role => !protocol.callers.includes(role))
    if (roles.length > 0) {
      roster.admit(idOf(hostile.peerId), roles)
      expect(await answerTo(protocol, frameOf(protocol, request))).toBe(STATUS_NUMBERS.NOT_PERMITTED)
    } else expect(protocol.callers).toEqual(ROLES) // who may do what everybody may is everybody
  })
  it('a length beyond the limit: MESSAGE_TOO_LARGE by the header alone', async () => {
    const frame = frameOf(protocol, new Uint8Array(), { length: protocol.maxRequestBytes + 1 })
    expect(await answerTo(protocol, frame)).toBe(STATUS_NUMBERS.MESSAGE_TOO_LARGE)
  })
  it('garbage instead of CBOR: MESSAGE_INVALID', async () => {
    const garbage = Uint8Array.of(0xff, 1, 2, 3)
    expect(await answerTo(protocol, frameOf(protocol, garbage))).toBe(STATUS_NUMBERS.MESSAGE_INVALID)
  })
  it('half a frame and silence: the stream is broken off, the next one works', async () => {
    const { wire, stream } = await connect(id)
    await wire.write([frameOf(protocol, request, { length: request.length + 5 })], 5_000)
    await until(() => stream.status !== 'open', 'the server breaks off')
    expect(await answerTo(protocol, frameOf(protocol, request))).toBe(0)
  })
  it('half a header and silence: the stream is broken off', async () => {
    const { wire, stream } = await connect(id)
    await wire.write([Uint8Array.of(0, 0)], 5_000)
    await until(() => stream.status !== 'open', 'the server breaks off')
  })
  it('a wrong digest: MESSAGE_INVALID', async () => {
    const frame = frameOf(protocol, request, { digest: sha(Uint8Array.of(1)) })
    const expected = protocol.stream === 'own' ? STATUS_NUMBERS.MESSAGE_INVALID : 0 // a shared frame carries none
    expect(await answerTo(protocol, frame)).toBe(expected)
  })
  it('an unknown version: PROTOCOL_UNSUPPORTED', async () => {
    expect(await codeOf(ask(honest.network, { id: withVersion(id, '9.0.0') }))).toBe('PROTOCOL_UNSUPPORTED')
  })
  it('a request too many: RATE_LIMITED, and others are still answered', async () => {
    for (let i = 0; i < 20; i++) expect(await answerTo(protocol, frameOf(protocol, request))).toBe(0)
    let status = 0
    for (let i = 0; i < 100 && status === 0; i++) status = await answerTo(protocol, frameOf(protocol, request))
    expect(status).toBe(STATUS_NUMBERS.RATE_LIMITED)
    expect(await codeOf(ask(honest.network))).toBe('none')
  })
  it('a peer struck from the roster: NOT_PERMITTED at its next request, then disconnected', async () => {
    const { wire } = await connect(id)
    roster.revoke(idOf(hostile.peerId))
    await wire.write([frameOf(protocol, request)], 5_000)
    expect(await statusOf(protocol, wire)).toBe(STATUS_NUMBERS.NOT_PERMITTED)
    const end = peerIdFromString(server.network.self)
    await until(() => hostile.getConnections(end).length === 0, 'the server hangs up')
  })
  it('a handler that hangs: REQUEST_TIMEOUT within its limit', async () => {
    behaviour.set(id, () => new Promise(() => {}))
    const start = performance.now()
    expect(await answerTo(protocol, frameOf(protocol, request))).toBe(STATUS_NUMBERS.REQUEST_TIMEOUT)
    expect(performance.now() - start).toBeGreaterThan(LIMIT_MS - 50)
    behaviour.set(id, async () => told)
  })
})

describe('a peer that answers wrongly', () => {
  const shared = cases.find(({ protocol }) => protocol.stream === 'shared')
  const own = cases.find(({ protocol }) => protocol.stream === 'own')
  for (const one of [shared, own]) {
    if (one === undefined) throw new Error('both kinds exist')
    const { protocol, asked } = one
    const failure = Buffer.from('a26664657461696c80676d65737361676560', 'hex') // no details, an empty message
    const answers: Record<string, { bytes: Uint8Array; code: string }> = {
      'with a frame beyond the limit: MESSAGE_TOO_LARGE': {
        bytes: answerFrame(protocol, new Uint8Array(), { length: protocol.maxAnswerBytes + 1 }),
        code: 'MESSAGE_TOO_LARGE'
      },
      'with garbage: MESSAGE_INVALID': { bytes: answerFrame(protocol, Uint8Array.of(0xff)), code: 'MESSAGE_INVALID' },
      'with half a frame: REQUEST_TIMEOUT': {
        bytes: answerFrame(protocol, Uint8Array.of(1), { length: 100 }),
        code: 'REQUEST_TIMEOUT'
      },
      'with a failure that is garbage: MESSAGE_INVALID': {
        bytes: failureFrame(protocol, 3, Uint8Array.of(0xff)),
        code: 'MESSAGE_INVALID'
      },
      'with a status nobody knows: INTERNAL': { bytes: failureFrame(protocol, 250, failure), code: 'INTERNAL' },
      'never: REQUEST_TIMEOUT': { bytes: new Uint8Array(), code: 'REQUEST_TIMEOUT' }
    }
    if (protocol.stream === 'own') {
      const digest = sha(Uint8Array.of(1))
      const bytes = answerFrame(protocol, protocol.answer.encode(one.told), { digest })
      answers['with a wrong digest: MESSAGE_INVALID'] = { bytes, code: 'MESSAGE_INVALID' }
    }
    let version = 1
    for (const [name, { bytes, code }] of Object.entries(answers)) {
      it(`${protocol.stream}: ${name}`, async () => {
        const id = withVersion(protocol.id, `1.0.${version++}`)
        await hostile.handle(id, stream => {
          stream.addEventListener('message', () => stream.send(bytes), { once: true })
        })
        await hostile.dial(multiaddr(honest.addresses()[0]))
        expect(await codeOf(honest.network.request(idOf(hostile.peerId), { ...protocol, id }, asked))).toBe(code)
      })
    }
  }

  function answerFrame(protocol: Any, body: Uint8Array, init = {}): Uint8Array {
    const frame = frameOf(protocol, body, init)
    if (protocol.stream === 'own') return Buffer.concat([Uint8Array.of(0), frame])
    frame.writeUInt32BE(1, 4)
    return frame
  }

  function failureFrame(protocol: Any, status: number, body: Uint8Array): Uint8Array {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    if (protocol.stream === 'own') return Buffer.concat([Uint8Array.of(status), length, body])
    return Buffer.concat([length, Uint8Array.of(0, 0, 0, 1, status), body])
  }
})

describe('too much at once', () => {
  const own = cases.find(({ protocol }) => protocol.stream === 'own' && protocol.maxRequestBytes > MIB)
  if (own === undefined) throw new Error('there is one')
  it('a refusal of 64 MiB reaches the caller while it still sends', async () => {
    const user = await openPeer(roster, 'user', { roles: ['user'], bootstrap: server.addresses() })
    const [asked] = fc.sample(ALL_MESSAGES[4].request, { seed: 7, numRuns: 1 })
    const large = { ...(asked as PutShadowRequest), shadow: new Uint8Array(64 << 20) }
    expect(await codeOf(user.network.request(server.network.self, putShadow, large))).toBe('NOT_PERMITTED')
    await user.stop()
  })
  it('more bytes under way than the peer has room for: BUSY', async () => {
    const small = await openPeer(roster, 'small', {
      roles: ['slave'],
      bootstrap: server.addresses(),
      maxInboundBytes: 1000
    })
    small.network.handle(putShadow, async () => ({ receipt: new Uint8Array(64) }))
    const [asked] = fc.sample(ALL_MESSAGES[4].request, { seed: 7, numRuns: 1 })
    const put = (bytes: number): Promise<unknown> => {
      const request = { ...(asked as PutShadowRequest), shadow: new Uint8Array(bytes) }
      return codeOf(honest.network.request(small.network.self, putShadow, request))
    }
    const finds = async (): Promise<boolean> => (await honest.directory.find('slave')).includes(small.network.self)
    while (!(await finds())) await until(() => server.network.connected().includes(small.network.self), 'they meet')
    expect(await put(500)).toBe('none')
    expect(await put(2000)).toBe('BUSY')
    expect(await put(500)).toBe('none')
    await small.stop()
  })
  it('a message that comes fast enough, and for longer than its protocol allows: the stream is broken off', async () => {
    const { protocol } = own
    const start = performance.now()
    const { wire, stream } = await connect(protocol.id)
    await wire.write([frameOf(protocol, new Uint8Array(), { length: protocol.maxRequestBytes })], 5_000)
    const some = new Uint8Array(1024)
    await until(
      () => {
        if (stream.writeStatus === 'writable') stream.send(some)
        return stream.status !== 'open'
      },
      'the server breaks off',
      6_000
    ) // well before the pace of ten seconds would end it
    expect(performance.now() - start).toBeGreaterThan(LIMIT_MS - 50)
  })
  it('a connection that dies while bytes wait unread: the handler is told, and nothing is thrown past the stream', async () => {
    const patient = { ...own.protocol, id: withVersion(own.id, '8.0.0'), timeoutMs: 20_000 }
    const thrown: unknown[] = []
    const note = (error: unknown): number => thrown.push(error)
    process.on('uncaughtException', note)
    let givenUp = false
    server.network.handle(patient, (_request, _caller, { signal }) => {
      signal.addEventListener('abort', () => {
        givenUp = true
      })
      return new Promise(() => {})
    })
    const leaving = await openHostile('leaving', everybody)
    roster.admit(idOf(leaving.peerId), ROLES)
    const stream = await leaving.dialProtocol(multiaddr(server.addresses()[0]), patient.id)
    stream.send(Buffer.concat([frameOf(patient, patient.request.encode(own.asked)), new Uint8Array(2 * MIB)]))
    let [left, looks] = [0, 0] // what is not sent, and how often that was the same
    await until(() => {
      looks = left === stream.writeBufferLength ? looks + 1 : 0
      left = stream.writeBufferLength
      return left > 0 && looks > 20
    }, 'the server reads no further')
    await leaving.stop()
    await until(() => givenUp || thrown.length > 0, 'the handler is told')
    process.off('uncaughtException', note)
    expect(thrown).toEqual([])
  })
  it('an answer that is not read counts until it is: BUSY meanwhile, no longer afterwards', async () => {
    const small = await openPeer(roster, 'unread', { roles: ['slave'], maxInboundBytes: 3 * MIB })
    const { protocol } = own
    const { decode } = protocol.answer
    const answer = { encode: () => new Uint8Array(2 * MIB), decode }
    const large: Any = { ...protocol, maxAnswerBytes: 3 * MIB, timeoutMs: 20_000, answer }
    small.network.handle({ ...large, ratePerSecond: 1_000 }, async () => own.told)
    const ask = async (): Promise<WireStream> => {
      const stream = await hostile.dialProtocol(multiaddr(small.addresses()[0]), protocol.id)
      const wire = new WireStream(stream, systemClock)
      await wire.write([frameOf(protocol, protocol.request.encode(own.asked))], 5_000)
      return wire
    }
    const first = await ask()
    expect(await statusOf(protocol, first)).toBe(0) // the rest of it does not fit into what may wait unread
    expect(await statusOf(protocol, await ask())).toBe(STATUS_NUMBERS.BUSY)
    await first.read(36 + 2 * MIB, { stallMs: 5_000 })
    let status = STATUS_NUMBERS.BUSY as number
    for (let i = 0; i < 100 && status !== 0; i++) status = await statusOf(protocol, await ask())
    expect(status).toBe(0)
    await small.stop()
  })
  it('100 requests in hand on one shared stream: 64 are in hand, the others BUSY', async () => {
    const one = cases.find(({ protocol }) => protocol.stream === 'shared')
    if (one === undefined) throw new Error('there is one')
    const patient = { ...one.protocol, id: '/sfmedir/patient/1.0.0', ratePerSecond: 1000, timeoutMs: 5_000 }
    let inHand = 0
    server.network.handle(patient, () => {
      inHand++
      return new Promise(() => {})
    })
    const { wire } = await connect(patient.id)
    const body = patient.request.encode(one.asked)
    for (let id = 1; id <= 100; id++) {
      const frame = frameOf(patient, body)
      frame.writeUInt32BE(id, 4)
      await wire.write([frame], 5_000)
    }
    for (let told = 0; told < 36; told++) {
      const head = Buffer.from(await wire.read(9, { stallMs: 5_000 }))
      expect(head[8]).toBe(STATUS_NUMBERS.BUSY)
      await wire.read(head.readUInt32BE(0), { stallMs: 5_000 })
    }
    expect(inHand).toBe(64)
    wire.abort(new Error('seen enough'))
  })
})

describe('the ids of a shared stream', () => {
  const one = cases.find(({ protocol }) => protocol.stream === 'shared')
  if (one === undefined) throw new Error('there is one')
  const { id, protocol, asked, told } = one
  const frame = frameOf(protocol, protocol.request.encode(asked))

  it('an id that is in hand comes again: the stream is broken off, and the handler was asked once', async () => {
    let asking = 0
    behaviour.set(id, () => {
      asking++
      return new Promise(() => {})
    })
    const { wire, stream } = await connect(id)
    await wire.write([frame], 5_000)
    await wire.write([frame], 5_000)
    await until(() => stream.status !== 'open' || asking > 1, 'the server takes the second')
    expect(asking).toBe(1)
    expect(stream.status).not.toBe('open')
    behaviour.set(id, async () => told)
  })
  it('an id that was answered may be used again', async () => {
    const { wire } = await connect(id)
    for (let round = 0; round < 2; round++) {
      await wire.write([frame], 5_000)
      const head = Buffer.from(await wire.read(9, { stallMs: 5_000 }))
      expect(head[8]).toBe(0)
      await wire.read(head.readUInt32BE(0), { stallMs: 5_000 })
    }
    wire.abort(new Error('seen enough'))
  })
})

describe('a stranger', () => {
  it('that dials has no connection once noise has named it', async () => {
    const members = new OpenRoster()
    const guarded = await openHostile('guarded', members)
    const stranger = await openHostile(STRANGER, everybody)
    let opened = 0
    guarded.addEventListener('connection:open', () => opened++)
    const closed = new Promise(resolve => stranger.addEventListener('connection:close', resolve, { once: true }))
    await stranger.dial(guarded.getMultiaddrs()[0]) // it cannot tell: the socket closes after its dial has succeeded
    await Promise.race([closed, until(() => opened > 0, 'a connection opens or closes')])
    expect(opened).toBe(0)
    expect(guarded.getConnections()).toEqual([])
    await Promise.all([guarded.stop(), stranger.stop()])
  })
  it('that a peer is told to dial gets no connection either', async () => {
    const guarded = await openHostile('guarded', new OpenRoster())
    const stranger = await openHostile(STRANGER, everybody)
    const dial = guarded.dial(stranger.getMultiaddrs()[0]).then(
      () => 'connected',
      () => 'refused'
    )
    expect(await dial).toBe('refused')
    expect(guarded.getConnections()).toEqual([])
    expect(stranger.getConnections()).toEqual([])
    await Promise.all([guarded.stop(), stranger.stop()])
  })
  it('that asks is told NOT_PERMITTED', async () => {
    const theirs = new OpenRoster()
    theirs.admit(server.network.self, ROLES)
    const stranger = await openPeer(theirs, STRANGER, { roles: ROLES, bootstrap: server.addresses() })
    const one = cases[0]
    expect(await codeOf(stranger.network.request(server.network.self, one.protocol, one.asked))).toBe('NOT_PERMITTED')
    await stranger.stop()
  })
  it('is not dialled: NOT_PERMITTED', async () => {
    const name = idOf(hostile.peerId)
    roster.revoke(name)
    const one = cases[0]
    expect(await codeOf(honest.network.request(name, one.protocol, one.asked))).toBe('NOT_PERMITTED')
  })
})
