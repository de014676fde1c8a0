import { describe, expect, it } from 'vitest'
import { adviceOn, statusLines } from '../../../cli/observe/status-lines.ts'
import type { NetworkStatusAnswer } from '../../../protocols/network-status.ts'
import { examplePeer } from '../../contract/example-record.ts'

const slave = (name: string, more: object = {}) => ({
  peer: examplePeer(name),
  site: `site of ${name}`,
  alive: true,
  shadows: 12,
  freeBytes: 3 * 2 ** 30,
  trashed: 1,
  refusedDrops: 0,
  leaving: false,
  images: 10,
  ...more
})
const status = (more: object = {}): NetworkStatusAnswer =>
  ({
    ageMs: 0,
    images: 58,
    healthy: 58,
    degraded: 0,
    unreadable: 0,
    unknownShadows: 0,
    behind: false,
    auditFailures: 0,
    repair: { waiting: 0, failing: 0, repaired: 0, alone: false },
    masters: [{ peer: examplePeer('m'), alive: true, images: 58 }],
    slaves: [slave('a'), slave('longer')],
    owners: [{ peer: examplePeer('o'), images: 58, bytes: 5 * 2 ** 20, quotaBytes: 2 ** 30 }],
    ...more
  }) as unknown as NetworkStatusAnswer

it('a healthy network is a line, a table of peers and one of owners, in columns', () => {
  const [summary, blank, head, master, first, second, gap, owners, owner] = statusLines(status())
  expect(summary).toBe('58 images: 58 healthy, 0 degraded, 0 unreadable')
  expect([blank, gap]).toEqual(['', ''])
  expect(head).toMatch(/^role +peer +state +site +images +shadows +free +trash$/)
  expect(master).toContain(examplePeer('m'))
  expect(first).toMatch(/ {2}up {2,}site of a .* {2}10 +12 {2}3\.0 GiB +1$/)
  expect(second.length).toBe(first.length)
  expect(owners).toMatch(/^owner/)
  expect(owner).toMatch(/ 58 +no limit +5\.0 MiB +1\.0 GiB$/)
})

it('says how old it is from a second on', () => {
  expect(statusLines(status({ ageMs: 2_400 }))[0]).toMatch(/, 2 s ago$/)
})

describe('advice', () => {
  it('a healthy network needs none', () => {
    expect(adviceOn(status())).toEqual([])
  })

  it.each<[string, object, RegExp]>([
    ['unreadable images', { unreadable: 2 }, /^2 images cannot be read: .*verify/],
    ['a runaway master', { slaves: [slave('a', { refusedDrops: 7 })] }, /refused 7 drops/],
    ['an index that is behind', { behind: true, unknownShadows: 9 }, /behind.*rebuild-index/],
    ['an index that is being filled', { coverage: 250 }, /^this master has 25 % of the index/],
    ['shadows that nobody knows', { unknownShadows: 9 }, /^9 shadows .* left alone/],
    ['audits that failed', { auditFailures: 3 }, /^3 shadows failed their audit/],
    [
      'repairs',
      { repair: { waiting: 4, nearest: 1, failing: 0, repaired: 2, alone: false } },
      /^4 images wait .* lose 1 /
    ],
    ['a slave that is down', { slaves: [slave('a', { alive: false })] }, /^1 slaves are down/],
    ['a master that is down', { masters: [{ peer: examplePeer('m'), alive: false, images: 0 }] }, /^master .* is down/],
    ['a slave that leaves', { slaves: [slave('a', { leaving: true })] }, /leaves: 10 images .* do not stop it yet/],
    ['a slave that may go', { slaves: [slave('a', { leaving: true, images: 0 })] }, /may go/]
  ])('%s: one line', (_, more, expected) => {
    expect(adviceOn(status(more))).toEqual([expect.stringMatching(expected)])
  })

  it('a master alone is told that nothing is repaired; what failed is told', () => {
    const repair = { waiting: 4, failing: 2, repaired: 0, alone: true }
    const [first, second] = adviceOn(status({ repair }))
    expect(first).toMatch(/2 failed/)
    expect(second).toMatch(/second master/)
  })
})
