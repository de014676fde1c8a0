// What proving a shadow costs: the Merkle root beside plain SHA-256, and audits of shadows on this disk, slave and master
// together, without the network between them. `node bench/audit.ts [--json] [FOLDER]`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toString as toText } from 'uint8arrays/to-string'
import { sha256Hex } from '../base/bytes.ts'
import { imageId, type PeerId, type ShadowKey, sharingId, shadowNumber } from '../base/ids.ts'
import { isMerkleLeaf, leafCount, merkleRoot } from '../base/merkle-tree.ts'
import { randomBelow, randomBytes, systemRandom } from '../base/random.ts'
import { silent } from '../base/log.ts'
import { showLeaves } from '../node/slave/show-leaves.ts'
import { SoundShadows } from '../node/slave/sound-shadows.ts'
import { auditShadow } from '../protocols/audit-shadow.ts'
import { DiskShadowStore } from '../storage/disk-shadow-store.ts'

const KIB = 1024
const SIZES = [16 * KIB, 150 * KIB, 1024 * KIB]
const ROUNDS = 15
const SHADOWS = 2000
const SHADOW_BYTES = 45 * KIB // of an image of 150 KiB at r = 6
const LEAVES = 4 // as masters draw
const EXTRAPOLATED = 1_000_000
const ORIGIN = { asked: 1, counter: 1, master: `12D3KooW${'1'.repeat(44)}` as PeerId, putAt: 1 }

/** Median times of hashing one shadow. */
interface RootFigure {
  readonly bytes: number
  readonly sha256Us: number
  readonly rootUs: number
}

/** What one audit came to, on average. */
interface AuditFigure {
  readonly shadows: number
  /** Request and answer, encoded. */
  readonly bytes: number
  readonly cpuMs: number
  readonly wallMs: number
}

function measureRoots(): RootFigure[] {
  return SIZES.map(bytes => {
    const shadow = randomBytes(systemRandom, bytes)
    return {
      bytes,
      sha256Us: medianUs(() => sha256Hex(shadow), bytes),
      rootUs: medianUs(() => merkleRoot(shadow), bytes)
    }
  })
}

function medianUs(work: () => unknown, bytes: number): number {
  const repeats = Math.max(3, Math.round(8e6 / bytes))
  const times = Array.from({ length: ROUNDS }, () => {
    const begin = performance.now()
    for (let n = 0; n < repeats; n++) work()
    return ((performance.now() - begin) / repeats) * 1000
  })
  return times.sort((a, b) => a - b)[ROUNDS >> 1]
}

async function measureAudits(folder: string): Promise<AuditFigure> {
  const store = new DiskShadowStore(join(folder, 'shadows'))
  await store.start()
  const keys: ShadowKey[] = []
  const roots: string[] = []
  for (let n = 0; n < SHADOWS; n++) {
    const image = imageId(toText(randomBytes(systemRandom, 32), 'hex'))
    const shadow = randomBytes(systemRandom, SHADOW_BYTES)
    keys.push({ image, sharing: sharingId('0'.repeat(16)), number: shadowNumber(1) })
    roots.push(merkleRoot(shadow))
    await store.put(keys[n], shadow, ORIGIN)
  }
  const sound = new SoundShadows(store, silent)
  let bytes = 0
  const [begin, cpu] = [performance.now(), process.cpuUsage()]
  for (const [at, key] of keys.entries()) {
    const count = leafCount(SHADOW_BYTES)
    const leaves = Array.from({ length: LEAVES }, () => randomBelow(systemRandom, count))
    const request = auditShadow.request.encode({ ...key, leaves })
    const answer = auditShadow.answer.encode(await showLeaves(auditShadow.request.decode(request), sound))
    bytes += request.length + answer.length
    const proven = auditShadow.answer.decode(answer).leaves.every((leaf, n) => {
      return isMerkleLeaf(leaf, { root: roots[at], bytes: SHADOW_BYTES, index: leaves[n] })
    })
    if (!proven) throw new Error('an audit failed')
  }
  const { user, system } = process.cpuUsage(cpu)
  const wallMs = (performance.now() - begin) / SHADOWS
  await store.stop()
  return { shadows: SHADOWS, bytes: bytes / SHADOWS, cpuMs: (user + system) / 1000 / SHADOWS, wallMs }
}

const folder = await mkdtemp(join(process.argv.slice(2).find(given => !given.startsWith('--')) ?? tmpdir(), 'sfmedir-'))
try {
  const figures = { roots: measureRoots(), audit: await measureAudits(folder) }
  const { shadows, bytes, cpuMs, wallMs } = figures.audit
  const lines = [
    ...figures.roots.map(({ bytes, sha256Us, rootUs }) => {
      return `${bytes / KIB} KiB: SHA-256 ${sha256Us.toFixed(0)} us, Merkle root ${rootUs.toFixed(0)} us`
    }),
    `${shadows} audits of shadows of ${SHADOW_BYTES / KIB} KiB: ${bytes.toFixed(0)} bytes, ${cpuMs.toFixed(2)} ms CPU, ${wallMs.toFixed(2)} ms each`,
    `extrapolated to ${EXTRAPOLATED}: ${((bytes * EXTRAPOLATED) / 1e9).toFixed(1)} GB, ${((cpuMs * EXTRAPOLATED) / 60_000).toFixed(0)} min of CPU`
  ]
  console.log(process.argv.includes('--json') ? JSON.stringify(figures) : lines.join('\n'))
} finally {
  await rm(folder, { recursive: true })
}
