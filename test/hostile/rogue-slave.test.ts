import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../base/bytes.ts'
import { imageId, type ShadowKey } from '../../base/ids.ts'
import type { ShadowEntry } from '../../storage/shadow-store.ts'
import { exampleKey, ORIGIN } from '../contract/example-shadow.ts'
import { HospitalGrid, picture } from '../network/node/hospital-grid.ts'

type List = (query: { after?: ShadowKey; limit?: number }) => ShadowEntry[]

const IN_ORDER = (at: number): ShadowEntry => ({
  ...exampleKey(1),
  ...ORIGIN,
  image: imageId(at.toString(16).padStart(64, '0')),
  bytes: 100,
  digest: sha256Hex(new Uint8Array(1))
})
const PAGE = (from: number): ShadowEntry[] => Array.from({ length: 1000 }, (_, at) => IN_ORDER(from + at))
const nextOf = (after: ShadowKey | undefined): number => (after === undefined ? 1 : Number(`0x${after.image}`) + 1)

/** What a slave that wants to be listened to for ever answers to `list-shadows`. */
const ENDLESS: { id: string; list: List; says?: number; most: number }[] = [
  { id: 'new entries for ever', list: ({ after }) => PAGE(nextOf(after)), most: 2 },
  { id: 'for ever, as many as it says it holds: 5,000', list: ({ after }) => PAGE(nextOf(after)), says: 5000, most: 7 },
  { id: 'the same page again and again', list: () => PAGE(1), most: 2 },
  { id: 'one entry a thousand times', list: () => Array.from({ length: 1000 }, () => IN_ORDER(1)), most: 1 },
  { id: 'pages that go back', list: ({ after }) => PAGE(after === undefined ? 5000 : 1000), most: 2 },
  { id: 'a page in falling order', list: () => PAGE(1).reverse(), most: 1 }
]

describe('a slave that lists what it likes', () => {
  for (const { id, list, says, most } of ENDLESS) {
    it(`${id}: cut off after at most ${most} pages, struck and reported; honest slaves are compared`, async () => {
      const facts: string[] = []
      const log = (fact: string, fields = {}): void => void facts.push(`${fact} ${JSON.stringify(fields)}`)
      const grid = await new HospitalGrid({ masters: 1, slaves: 9, log }).start()
      const { id: image, holders } = await grid.run(grid.owner.role.store(picture(1)))
      const [{ role: master }] = grid.masters
      const rogues = grid.slaves.filter(({ peer }) => peer !== holders[0]).slice(0, 4)
      let pages = 0
      for (const { shadows } of rogues) {
        shadows.list = async (query = {}) => {
          if (query.limit !== 1) pages++ // one at a time a slave lists for its own scrub
          return list(query)
        }
        const usage = shadows.usage.bind(shadows)
        if (says !== undefined) shadows.usage = async () => ({ ...(await usage()), shadows: says })
      }
      await grid.run(Promise.all(rogues.map(({ peer }) => master.peers.beat(peer))))
      const honest = grid.slaves.find(({ peer }) => peer === holders[0])
      for (const entry of (await honest?.shadows.list({ image })) ?? []) {
        await honest?.shadows.drop(entry, { reason: 'deleted', time: 0 })
      }
      await grid.when(async () => (await grid.run(grid.user.role.status())).degraded === 1)
      await grid.when(() => rogues.every(({ peer }) => (master.peers.get(peer)?.strikes ?? 0) > 0.9))
      expect(pages).toBeLessThanOrEqual(rogues.length * most)
      for (const { peer } of rogues)
        expect(facts.some(fact => /^shadows not reconciled/.test(fact) && fact.includes(peer))).toBe(true)
      expect(master.peers.get(honest?.peer ?? grid.owner.peer)?.strikes).toBe(0)
    })
  }

  it('four that say they hold 10^9 and list in order, a page in 4 s: an honest one is still compared within two minutes', async () => {
    const grid = await new HospitalGrid({ masters: 1, slaves: 9, master: { reconcileMs: 1000 } }).start()
    const { id: image, holders } = await grid.run(grid.owner.role.store(picture(1)))
    const [{ role: master }] = grid.masters
    const rogues = grid.slaves.filter(({ peer }) => !holders.includes(peer)).slice(0, 4)
    for (const { shadows } of rogues) {
      shadows.list = async ({ after } = {}) => {
        await new Promise<void>(resolve => void grid.world.loop.after(4000, resolve))
        return PAGE(nextOf(after))
      }
      const usage = shadows.usage.bind(shadows)
      shadows.usage = async () => ({ ...(await usage()), shadows: 1e9 })
    }
    await grid.pass(60_000)
    const honest = grid.slaves.find(({ peer }) => peer === holders[0])
    for (const entry of (await honest?.shadows.list({ image })) ?? []) {
      await honest?.shadows.drop(entry, { reason: 'deleted', time: 0 })
    }
    await grid.pass(120_000)
    expect(await grid.run(master.status())).toMatchObject({ degraded: 1 })
  })
})
