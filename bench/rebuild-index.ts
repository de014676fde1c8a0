// How long restoring an index from slaves takes: five slaves, in this process, that list every image and keep the sealed record
// of each; messages are encoded and decoded, every signature is checked, the index is on disk; no sockets.
// `node bench/rebuild-index.ts [images]`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownedImageId, sha256Hex } from '../base/bytes.ts'
import { systemClock } from '../base/clock.ts'
import { shadowNumber, sharingId, site } from '../base/ids.ts'
import { randomBytes, seededRandom } from '../base/random.ts'
import type { Member } from '../base/roles.ts'
import { createSigner } from '../crypto/ed25519-signer.ts'
import { receiptBytes } from '../indexing/encode-proof.ts'
import { claimBytes } from '../indexing/encode-record.ts'
import { type EncodedRecord, signedRecord } from '../indexing/encoded-record.ts'
import { LevelRecordStore } from '../indexing/level-record-store.ts'
import { type RebuildPorts, rebuildIndex } from '../node/master/rebuild-index.ts'
import { listRoster } from '../node/peers/list-roster.ts'
import { RecordSeal } from '../node/proofs/record-seal.ts'
import { getRecords } from '../protocols/get-records.ts'
import { type ListedShadow, listShadows } from '../protocols/list-shadows.ts'
import type { Network, Protocol } from '../protocols/network.ts'

const SLAVES = 5
const SPACE = Object.freeze({ model: '5'.repeat(64), view: '1'.repeat(64), bits: 16 })
const images = Number(process.argv[2] ?? 20_000)
const random = seededRandom('bench rebuild-index')
const [owner, master, ...slaves] = Array.from({ length: SLAVES + 2 }, () => createSigner(randomBytes(random, 32)))
const seal = new RecordSeal(randomBytes(random, 32))
const members: Member[] = [owner, master, ...slaves].map(({ self }, at) => ({
  peer: self,
  site: site(`site ${at}`),
  roles: [at === 0 ? 'owner' : at === 1 ? 'master' : 'slave']
}))

function makeRecord(): EncodedRecord {
  const digest = sha256Hex(randomBytes(random, 32))
  const said = { owner: owner.self, master: master.self, time: 1_764_000_000_000, digest, space: SPACE }
  const rest = { code: randomBytes(random, 2), size: 150_000, metadata: randomBytes(random, 700) }
  const id = ownedImageId(owner.self, digest)
  const claim = { ...said, ...rest, id, ownerSignature: owner.sign(claimBytes({ ...said, ...rest })) }
  const sharing = sharingId(Buffer.from(randomBytes(random, 8)).toString('hex'))
  const origin = { asked: said.time, counter: 1, master: master.self }
  const holders = slaves.map((slave, at) => {
    const held = { number: shadowNumber(at + 1), digest, bytes: 90_000 }
    return { slave: slave.self, ...held, receipt: slave.sign(receiptBytes({ image: id, sharing, origin, ...held })) }
  })
  const placement = { scheme: 'bai', sharing, total: SLAVES, holders, sealedThreshold: randomBytes(random, 42) }
  const version = { counter: 1, master: master.self }
  return signedRecord({ version, time: said.time, claim, placement, cosign: undefined }, bytes => master.sign(bytes))
}

const kept = new Map<string, Uint8Array>()
const entries: ListedShadow[] = []
for (let n = 0; n < images; n++) {
  const made = makeRecord()
  const { id, stored } = made.record
  const sealed = seal.seal(made)
  const { sharing } = stored?.placement ?? {}
  if (sharing === undefined) continue
  kept.set(id, sealed)
  const origin = { asked: 1_764_000_000_000, counter: 1, master: master.self }
  entries.push({
    image: id,
    sharing,
    number: shadowNumber(1),
    bytes: 90_000,
    digest: id,
    ...origin,
    record: sha256Hex(sealed)
  })
}
entries.sort((a, b) => (a.image < b.image ? -1 : 1))
const places = new Map(entries.map(({ image }, at) => [image as string, at]))

/** What a slave answers, by the protocols' own codecs. */
async function answer(id: string, request: unknown): Promise<unknown> {
  if (id === listShadows.id) {
    const { after, limit } = request as { after?: { image: string }; limit: number }
    const from = after === undefined ? 0 : (places.get(after.image) ?? 0) + 1
    return { entries: entries.slice(from, from + limit) }
  }
  const { wanted } = request as { wanted: { image: string }[] }
  return { records: wanted.slice(0, 5000).map(each => ({ ...each, sealed: kept.get(each.image) })) }
}

async function ask<Q, A>(_: unknown, protocol: Protocol<Q, A>, request: Q): Promise<A> {
  const got = protocol.request.decode(protocol.request.encode(request))
  if (protocol.id !== getRecords.id && protocol.id !== listShadows.id) throw new TypeError('not asked of slaves')
  return protocol.answer.decode(protocol.answer.encode((await answer(protocol.id, got)) as A))
}

const folder = await mkdtemp(join(tmpdir(), 'sfmedir-bench-'))
const records = new LevelRecordStore(join(folder, 'records'))
await records.start()
const ports = {
  network: { request: ask } as unknown as Network,
  peers: { beat: async () => true, get: () => undefined },
  replicator: { others: () => [], catchUp: async () => {} },
  beside: { seal },
  clock: systemClock,
  roster: listRoster(members),
  signer: master,
  records
} as unknown as RebuildPorts
const [began, before] = [performance.now(), process.cpuUsage()]
const { images: found, missing, silent } = await rebuildIndex(ports, { waitMs: 0 })
const seconds = (performance.now() - began) / 1000
const { user, system } = process.cpuUsage(before)
await records.stop()
await rm(folder, { recursive: true })
if (found !== images || missing.length > 0 || silent.length > 0) throw new Error(`${found} of ${images} images`)
process.stdout.write(
  `${images} images restored from ${SLAVES} slaves in ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of CPU\n`
)
