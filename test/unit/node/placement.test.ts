import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { NetError } from '../../../base/errors.ts'
import type { PeerId, ShadowNumber, Site } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import { type Candidate, countMatchedSites, drawSlaves } from '../../../node/placement/draw-slaves.ts'
import { placementNamed, SLAVE_PLACEMENTS } from '../../../node/placement/slave-placements.ts'
import { placeShadows } from '../../../node/placement/place-shadows.ts'

const candidate = (at: number, site: number, freeBytes = 1000, weight = 1): Candidate => ({
  slave: `slave ${at}` as PeerId,
  site: `site ${site}` as Site,
  freeBytes,
  weight
})
const shadows = (count: number) => Array.from({ length: count }, (_, i) => new Uint8Array(10).fill(i))

const receiptFrom = (slave: PeerId): Uint8Array => Buffer.from(slave)

const scene = fc.record({
  seed: fc.integer(),
  sites: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 25 }),
  count: fc.integer({ min: 1, max: 12 }),
  refusing: fc.uniqueArray(fc.nat({ max: 24 }))
})

describe('placeShadows', () => {
  it('never two on one peer; as many sites as there can be; all or none, whoever refuses', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ seed, sites, count, refusing }) => {
        const candidates = sites.map((site, at) => candidate(at, site))
        const willing = candidates.filter((_, at) => !refusing.includes(at))
        const kept = new Map<PeerId, ShadowNumber>()
        const placed = await placeShadows(shadows(count), {
          clock: systemClock,
          draw: drawSlaves(candidates, seededRandom(seed)),
          put: async (slave, { number }) => {
            await Promise.resolve()
            if (!willing.some(each => each.slave === slave)) throw new NetError('STORE_FULL', 'full')
            expect(kept.has(slave)).toBe(false)
            kept.set(slave, number)
            return receiptFrom(slave)
          },
          patienceMs: () => 1000
        })
        for (const slave of kept.keys()) expect(placed.touched.map(each => each.slave)).toContain(slave)
        if (willing.length < count) {
          expect(placed.holders).toBeUndefined()
          return
        }
        const holders = placed.holders ?? []
        expect(holders.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, i) => i + 1))
        expect(new Set(holders.map(({ slave }) => slave)).size).toBe(count)
        for (const { slave, number, bytes, receipt } of holders) {
          expect(kept.get(slave)).toBe(number)
          expect({ bytes, receipt }).toEqual({ bytes: 10, receipt: receiptFrom(slave) })
        }
      }),
      { numRuns: 300 }
    )
  })

  it('when nobody refuses, the matching of shadows to sites is as large as shadows and sites allow, and sites are even', () => {
    fc.assert(
      fc.property(scene, ({ seed, sites, count }) => {
        const draw = drawSlaves(
          sites.map((site, at) => candidate(at, site)),
          seededRandom(seed)
        )
        const drawn = Array.from({ length: Math.min(count, sites.length) }, () => draw.take(1)).filter(
          each => each !== undefined
        )
        const placed = drawn.map(({ site }, at) => ({ number: (at + 1) as ShadowNumber, site }))
        expect(countMatchedSites(placed)).toBe(Math.min(drawn.length, new Set(sites).size))
        const used = (site: Site): number => drawn.filter(each => each.site === site).length
        for (const { site } of drawn) {
          for (const other of sites) {
            const name = `site ${other}` as Site
            const room = sites.filter(each => each === other).length > used(name)
            if (room) expect(used(site) - used(name)).toBeLessThanOrEqual(1)
          }
        }
      }),
      { numRuns: 300 }
    )
  })

  it('a slave without room is not drawn; nine tenths of free space draw nine tenths of shadows', () => {
    const random = seededRandom('weights')
    const full = drawSlaves([candidate(0, 0, 9), candidate(1, 0, 10)], random)
    expect([full.take(10)?.slave, full.take(10)]).toEqual(['slave 1', undefined])
    let large = 0
    for (let i = 0; i < 2000; i++) {
      if (drawSlaves([candidate(0, 0, 9000), candidate(1, 0, 1000)], random).take(1)?.slave === 'slave 0') large++
    }
    expect(large).toBeGreaterThan(1740)
    expect(large).toBeLessThan(1860)
  })

  it('countMatchedSites: equals the best assignment found by trying all', () => {
    const best = (options: Site[][], used: ReadonlySet<Site> = new Set()): number => {
      const [first, ...rest] = options
      if (first === undefined) return 0
      const without = best(rest, used)
      const taken = first.filter(site => !used.has(site)).map(site => 1 + best(rest, new Set([...used, site])))
      return Math.max(without, ...taken)
    }
    const options = fc.array(fc.uniqueArray(fc.nat({ max: 4 }), { maxLength: 3 }), { maxLength: 6 })
    fc.assert(
      fc.property(options, sites => {
        const named = sites.map(each => each.map(site => `site ${site}` as Site))
        const placed = named.flatMap((each, at) => each.map(site => ({ number: (at + 1) as ShadowNumber, site })))
        expect(countMatchedSites(placed)).toBe(best(named))
      })
    )
  })
})

describe('placements by name', () => {
  it('each draws every candidate once, over all sites before any twice; a name that none has is CONFIG_INVALID', () => {
    for (const { name } of SLAVE_PLACEMENTS) {
      const candidates = Array.from({ length: 6 }, (_, at) => candidate(at, at % 3, 100 + at))
      const draw = placementNamed(name).draw(candidates, seededRandom(1))
      const taken = Array.from({ length: 6 }, () => draw.take(50))
      expect(new Set(taken.map(each => each?.slave)).size, name).toBe(6)
      expect(new Set(taken.slice(0, 3).map(each => each?.site)).size, name).toBe(3)
      expect(draw.take(50), name).toBeUndefined()
    }
    expect(() => placementNamed('none')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })

  it('emptiest takes the slave with most free space of a site, and none without room', () => {
    const draw = placementNamed('emptiest').draw(
      [candidate(0, 0, 10), candidate(1, 0, 30), candidate(2, 0, 20)],
      seededRandom(1)
    )
    expect([draw.take(15), draw.take(15), draw.take(15)].map(each => each?.freeBytes)).toEqual([30, 20, undefined])
  })
})
