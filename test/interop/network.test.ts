import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Level } from 'level'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { sha256Hex } from '../../base/bytes.ts'
import { randomBytes, systemRandom } from '../../base/random.ts'
import { signClaim } from '../../node/client/sign-claim.ts'
import { deleteImage } from '../../protocols/delete-image.ts'
import { getImage } from '../../protocols/get-image.ts'
import { putImage } from '../../protocols/put-image.ts'
import { waitUntil } from '../../sim/cluster/wait-until.ts'
import { hasher, keys, openRealNetwork } from './real-network.ts'
import { describeReader, readerOn } from './run-reader.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const folder = mkdtempSync(join(tmpdir(), 'sfmedir-interop-'))
const image = randomBytes(systemRandom, 2000)

/** What the reader says of a record. */
interface ReadRecord {
  claim: { image: string; owner: string; digest: string; code: string; size: number; metadata: string; time: number }
  placement: { sharing: string; total: number; threshold: string; holders: [string, number, string, number, string][] }
  counter: number
  master: string
}

describeReader('a reader in Python on a network of two masters and four slaves over TCP', () => {
  let net: Awaited<ReturnType<typeof openRealNetwork>>
  let record: Uint8Array
  let kept: readonly { master: string; signature: Uint8Array }[]
  let read: ReadRecord
  let roles: Record<string, readonly string[]>

  const shadowFiles = (area: string): string[] => globSync(`slave */shadows/${area}/*/*/*`, { cwd: folder }).sort()

  beforeAll(async () => {
    net = await openRealNetwork(folder)
    roles = Object.fromEntries(net.members.map(({ peer, roles: has }) => [peer, has]))
    const sealed = await net.owner.seal(image, { name: 'scan.dcm', labels: ['head'] })
    const master = net.peers[0].self
    const claim = signClaim(sealed, { master, time: systemClock.now(), signer: net.signer })
    ;({ record, kept } = await net.network.request(master, putImage, { claim, encrypted: sealed.encrypted }, {}))
    ;[read] = readerOn([{ do: 'record', record: hex(record), roles }]) as [ReadRecord]
  }, 120_000)

  afterAll(async () => {
    await net?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('verifies the record: owner, master, the receipt of every slave; and the word of both masters that they keep it', () => {
    expect(read).toMatchObject({ counter: 1, master: net.peers[0].self, claim: { owner: net.signer.self } })
    expect(kept).toHaveLength(2)
    const jobs = kept.map(({ master, signature }) => ({
      do: 'kept',
      record: hex(record),
      master,
      signature: hex(signature)
    }))
    expect(readerOn(jobs)).toEqual([true, true])
    expect(readerOn(jobs.map((job, i) => ({ ...job, master: kept[1 - i].master })))).toEqual([false, false])
  })

  it('refuses the record with any one byte changed, and where the roster has not the roles', () => {
    const altered = Array.from({ length: record.length }, (_, at) => hex(record.with(at, record[at] ^ 1)))
    const answers = readerOn(altered.map(each => ({ do: 'record', record: each, roles })))
    expect(answers.filter(answer => typeof answer !== 'string' || !answer.startsWith('refused'))).toEqual([])
    const [slave] = read.placement.holders[0]
    for (const peer of [slave, read.master, net.signer.self]) {
      const [answer] = readerOn([{ do: 'record', record: hex(record), roles: { ...roles, [peer]: ['user'] } }])
      expect(answer).toMatch(/^refused: .* is no /)
    }
  })

  it("finds the shadows on the slaves' disks by name, rebuilds from any r of them, and decrypts the image", () => {
    const { placement, claim, counter, master } = read
    const [[threshold, total]] = readerOn([
      {
        do: 'threshold',
        sealed: placement.threshold,
        thresholdKey: hex(keys.thresholdKey),
        image: claim.image,
        sharing: placement.sharing
      }
    ]) as [[number, number]]
    expect(total).toBe(placement.total)
    const origin = { asked: claim.time, counter, master }
    const named = readerOn(
      placement.holders.map(([, number, digest]) => {
        return { do: 'shadow file', image: claim.image, sharing: placement.sharing, number, digest, ...origin }
      })
    ) as string[]
    const files = shadowFiles('shadows')
    expect(files.map(file => basename(file)).sort()).toEqual(named.map(file => basename(file)).sort())
    expect(files.every(file => named.some(name => file.endsWith(join('/shadows/shadows', name))))).toBe(true)
    const shadows = files.map(file => readFileSync(join(folder, file)))
    const digests = placement.holders.map(([, , digest]) => digest)
    expect(readerOn(shadows.map(shadow => ({ do: 'merkle root', shadow: hex(shadow) }))).sort()).toEqual(
      digests.toSorted()
    )
    const job = { do: 'rebuild', size: claim.size, threshold, macKey: hex(keys.macKey) }
    const some = [shadows.slice(0, threshold), shadows.slice(-threshold)]
    const rebuilt = readerOn(some.map(each => ({ ...job, shadows: each.map(hex) }))) as string[]
    expect(new Set(rebuilt).size).toBe(1)
    expect(sha256Hex(Buffer.from(rebuilt[0], 'hex'))).toBe(claim.digest)
    expect(readerOn([{ do: 'decrypt', ei: rebuilt[0], imageKey: hex(keys.imageKey) }])).toEqual([hex(image)])
  })

  it('opens the metadata in the claim and unmasks its code', () => {
    const { claim } = read
    const [metadata, code, digest] = readerOn([
      { do: 'metadata', sealed: claim.metadata, imageKey: hex(keys.imageKey), image: claim.image },
      { do: 'unmask', ...hasher.space, code: claim.code, indexKey: hex(keys.indexKey) },
      { do: 'content digest', plain: hex(image), imageKey: hex(keys.imageKey) }
    ])
    expect(metadata).toMatchObject({ name: 'scan.dcm', labels: ['head'], digest })
    expect(code).toBe(hex(image.subarray(0, 8)))
  })

  it('signs a deletion with the identity file of the owner: the masters keep it, the shadows go to the trash; one by another key is refused', async () => {
    const [master] = net.peers
    const { claim } = read
    const identity = (name: string): string => readFileSync(join(folder, name, 'identity.key'), 'utf8')
    const job = { do: 'sign deletion', digest: claim.digest, time: systemClock.now() }
    const [deletion, forged] = readerOn([
      { ...job, identity: identity('owner') },
      { ...job, identity: identity('slave 0') }
    ]).map(each => Buffer.from(String(each), 'hex'))
    const send = (bytes: Uint8Array) => net.network.request(master.self, deleteImage, { deletion: bytes }, {})
    const flipped = new Uint8Array(deletion.with(deletion.length - 1, deletion[deletion.length - 1] ^ 1))
    await expect(send(forged)).rejects.toThrow(expect.objectContaining({ code: 'NOT_PERMITTED' }))
    await expect(send(flipped)).rejects.toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }))
    expect(shadowFiles('shadows')).toHaveLength(read.placement.total)
    const answer = await send(deletion)
    if (!('kept' in answer)) throw new Error('no masters signed')
    const [tombstone] = readerOn([{ do: 'tombstone', deletion: hex(deletion) }])
    const words = answer.kept.map(({ master: peer, signature }) => {
      return { do: 'kept', record: tombstone, master: peer, signature: hex(signature) }
    })
    expect(readerOn(words)).toEqual([true, true])
    const gone = net.network.request(master.self, getImage, { image: claim.image as never }, {})
    await expect(gone).rejects.toThrow(expect.objectContaining({ code: 'IMAGE_NOT_FOUND' }))
    const late = 'shadows did not go to the trash'
    const dropped = () => shadowFiles('shadows').length === 0 && shadowFiles('trash').length === read.placement.total
    await waitUntil(dropped, { clock: systemClock, limitMs: 60_000, late })
  })

  it("reads a master's index on its disk: a record as it was put, and the tombstone in its place", async () => {
    const again = await net.owner.store(randomBytes(systemRandom, 500))
    const [master] = net.peers
    await master.stop()
    const level = new Level<string, Uint8Array>(join(folder, 'master 0', 'records'), { valueEncoding: 'view' })
    const values = Object.fromEntries(await level.iterator({ gte: 'r/', lt: 'r0' }).all())
    await level.close()
    const entries = readerOn(
      Object.entries(values).map(([key, value]) => ({ do: 'index record', key, value: hex(value) }))
    ) as { record: string; code: string; size: number | null; owner: string }[]
    expect(Object.keys(values).sort()).toEqual([`r/${again.id}`, `r/${read.claim.image}`].sort())
    const ids = (readerOn(entries.map(each => ({ do: 'record', record: each.record, roles }))) as never[]).map(
      (each: { deletion?: { image: string }; claim?: { image: string } }) => each.deletion?.image ?? each.claim?.image
    )
    expect(ids.map(id => `r/${id}`)).toEqual(Object.keys(values))
    expect(entries.filter(({ code }) => code === '')).toHaveLength(1)
    const [kept] = entries.filter(({ code }) => code !== '')
    expect(kept).toMatchObject({ size: again.size, owner: read.claim.owner })
  })
})
