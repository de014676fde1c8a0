// Speed of put-shadow and get-shadow between two processes on loopback (TCP, noise, yamux), beside a raw libp2p stream
// in the same run. `node bench/network.ts [--json]`.
import { fork } from 'node:child_process'
import { noise } from '@chainsafe/libp2p-noise'
import type { Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { systemClock } from '../base/clock.ts'
import { imageId, type PeerId, type ShadowKey, shadowNumber, sharingId, site } from '../base/ids.ts'
import { randomBytes, systemRandom } from '../base/random.ts'
import type { Roster } from '../base/roles.ts'
import { getShadow } from '../protocols/get-shadow.ts'
import { putShadow } from '../protocols/put-shadow.ts'
import { openNetwork } from '../protocols/transport/open-network.ts'

const MIB = 1024 * 1024
const SIZES = [16 * 1024, MIB, 4 * MIB]
const ROUNDS = 15
const RAW = '/raw/1.0.0'
const KEY: ShadowKey = { image: imageId('ab'.repeat(32)), sharing: sharingId('cd'.repeat(8)), number: shadowNumber(1) }

// Everybody is a master in this measurement.
const roster: Roster = {
  member: peer => ({ peer, site: site('bench'), roles: ['master', 'slave'] }),
  withRole: () => []
}

interface Figure {
  readonly what: string
  readonly bytes: number
  readonly medianMs: number
  readonly bestMs: number
  readonly medianMiBs: number
  readonly bestMiBs: number
}

/** The answering process: keeps the last shadow, and takes raw bytes. */
async function serve(): Promise<void> {
  let kept: Uint8Array = new Uint8Array()
  const peer = await open(['/ip4/127.0.0.1/tcp/0'], [])
  peer.network.handle(putShadow, async ({ shadow }) => {
    kept = shadow
    return { receipt: new Uint8Array(64) }
  })
  peer.network.handle(getShadow, async () => ({ shadow: kept }))
  const raw = await rawNode(['/ip4/127.0.0.1/tcp/0'])
  await raw.handle(RAW, takeRaw)
  process.send?.({ addresses: peer.addresses(), raw: raw.getMultiaddrs().map(String), self: peer.network.self })
}

/** libp2p with nothing of ours on it. */
function rawNode(listen: string[]): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()]
  })
}

/** Reads a length, then that many bytes, then answers one byte; again and again. */
function takeRaw(stream: Stream): void {
  let left = -1
  stream.addEventListener('message', ({ data }) => {
    for (const part of data instanceof Uint8Array ? [data] : data) {
      let rest = part
      if (left < 0) {
        left = Buffer.from(rest).readUInt32BE(0)
        rest = rest.subarray(4)
      }
      left -= rest.length
    }
    if (left === 0) {
      left = -1
      stream.send(Uint8Array.of(1))
    }
  })
}

function open(listen: string[], bootstrap: string[]): ReturnType<typeof openNetwork> {
  const seed = randomBytes(systemRandom, 32)
  return openNetwork({ seed, roster, listen, bootstrap, dht: 'client', clock: systemClock, random: systemRandom })
}

async function sendRaw(stream: Stream, bytes: Uint8Array): Promise<void> {
  const answered = new Promise(resolve => stream.addEventListener('message', resolve, { once: true }))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  stream.send(length)
  for (let at = 0; at < bytes.length; at += 256 * 1024) {
    if (!stream.send(bytes.subarray(at, at + 256 * 1024))) await stream.onDrain()
  }
  await answered
}

type Act = readonly [what: string, act: () => Promise<unknown>]

/** Time all of them by turns, so that a noisy machine treats them alike. */
async function measure(bytes: number, acts: readonly Act[]): Promise<Figure[]> {
  const times = acts.map((): number[] => [])
  for (let round = 0; round < ROUNDS + 3; round++) {
    for (const [i, [, act]] of acts.entries()) {
      const start = performance.now()
      await act()
      if (round >= 3) times[i].push(performance.now() - start) // the first ones warm up code and window
    }
  }
  return acts.map(([what], i) =>
    figureOf(
      what,
      bytes,
      times[i].sort((a, b) => a - b)
    )
  )
}

function figureOf(what: string, bytes: number, times: readonly number[]): Figure {
  const rate = (ms: number): number => bytes / MIB / (ms / 1000)
  const medianMs = times[times.length >> 1]
  return { what, bytes, medianMs, bestMs: times[0], medianMiBs: rate(medianMs), bestMiBs: rate(times[0]) }
}

async function main(): Promise<void> {
  const child = fork(import.meta.filename, ['serve'])
  const ready = new Promise(resolve => child.once('message', resolve))
  const { addresses, raw, self } = (await ready) as { addresses: string[]; raw: string[]; self: PeerId } // from serve()
  const peer = await open([], addresses)
  const node = await rawNode([])
  const stream = await node.dialProtocol(multiaddr(raw[0]), RAW)
  const figures: Figure[] = []
  for (const size of SIZES) {
    const shadow = randomBytes(systemRandom, size)
    const acts: Act[] = [
      ['raw stream', () => sendRaw(stream, shadow)],
      ['put-shadow', () => peer.network.request(self, putShadow, { ...KEY, asked: 0, counter: 1, shadow })],
      ['get-shadow', () => peer.network.request(self, getShadow, KEY)]
    ]
    figures.push(...(await measure(size, acts)))
  }
  await peer.stop()
  await node.stop()
  child.kill()
  print(figures)
}

function print(figures: readonly Figure[]): void {
  if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
  else for (const figure of figures) console.log(lineOf(figure, figures))
}

function lineOf({ what, bytes, medianMs, bestMs, medianMiBs, bestMiBs }: Figure, all: readonly Figure[]): string {
  const raw = all.find(figure => figure.what === 'raw stream' && figure.bytes === bytes)
  const ratio = ((raw?.medianMs ?? medianMs) / medianMs).toFixed(2)
  const size = bytes >= MIB ? `${bytes / MIB} MiB` : `${bytes / 1024} KiB`
  const ms = `${medianMs.toFixed(2)} ms median, ${bestMs.toFixed(2)} best`
  return `${what.padEnd(11)} ${size.padStart(6)}  ${ms}  ${medianMiBs.toFixed(0)} MiB/s median, ${bestMiBs.toFixed(0)} best  ${ratio} of raw`
}

await (process.argv.includes('serve') ? serve() : main())
