import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { type ErrorCode, NetError } from '../../../base/errors.ts'
import { type PeerId, site } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import { MasterFinder, type MasterFinderPorts } from '../../../node/peers/find-masters.ts'

const [SELF, FIRST, SECOND] = ['user', 'first', 'second'] as PeerId[] // as a roster would name them

function openFinder(): { finder: MasterFinder; looked: () => number } {
  let looked = 0
  const ports = {
    network: { self: SELF, connected: () => [FIRST] },
    directory: {
      find: async () => {
        looked++
        return [FIRST, SECOND]
      }
    },
    roster: {
      member: (peer: PeerId) => (peer === SELF ? undefined : { peer, site: site('here'), roles: ['master' as const] }),
      withRole: () => []
    },
    clock: systemClock,
    random: seededRandom('find-masters')
  }
  return { finder: new MasterFinder(ports as unknown as MasterFinderPorts), looked: () => looked }
}

describe('masters that fail', () => {
  const cases: [ErrorCode, number, boolean][] = [
    ['BUSY', 0, true],
    ['PEER_UNREACHABLE', 1, true],
    ['REQUEST_TIMEOUT', 1, true],
    ['IMAGE_NOT_FOUND', 0, false]
  ]
  it.each(cases)('%s: looked for others %i times; asked last: %s', async (code, looks, last) => {
    const { finder, looked } = openFinder()
    await finder.all() // knows the connected one, and looks once for the others
    await expect.poll(async () => (await finder.all()).length).toBe(2)
    const before = looked()

    finder.failed(FIRST, new NetError(code, 'as told'))
    const orders = await Promise.all(Array.from({ length: 20 }, () => finder.all()))
    expect(looked() - before).toBe(looks)
    expect(orders.every(order => order.at(-1) === FIRST)).toBe(last)

    finder.answered(FIRST)
    const again = await Promise.all(Array.from({ length: 20 }, () => finder.all()))
    expect(again.some(order => order[0] === FIRST)).toBe(true)
  })
})
