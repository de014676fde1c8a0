import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../base/random.ts'
import { site } from '../../../base/ids.ts'
import { createSigner } from '../../../crypto/ed25519-signer.ts'
import { listRoster } from '../../../node/peers/list-roster.ts'

const random = seededRandom('roster')
const member = (role: 'slave' | 'master') => {
  const seed = new Uint8Array(32)
  random.fill(seed)
  return { peer: createSigner(seed).self, site: site('here'), roles: [role] }
}

describe('listRoster', () => {
  it('goes by other members once they are replaced, and keeps the old ones when the new list is wrong', () => {
    const [a, b] = [member('slave'), member('master')]
    const roster = listRoster([a])
    roster.replace([b])
    expect(roster.member(a.peer)).toBeUndefined()
    expect(roster.member(b.peer)).toBe(b)
    expect(roster.withRole('master')).toEqual([b.peer])
    expect(roster.withRole('slave')).toEqual([])
    expect(() => roster.replace([a, a])).toThrow(RangeError)
    expect(roster.member(b.peer)).toBe(b)
    expect(() => listRoster([a, a])).toThrow(RangeError)
  })
})
