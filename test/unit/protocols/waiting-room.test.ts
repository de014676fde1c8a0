import { describe, expect, it } from 'vitest'
import { groupOf } from '../../../protocols/transport/address-group.ts'
import { type Guest, WaitingRoom } from '../../../protocols/transport/waiting-room.ts'

const KNOWN = '10.0.0.1'

function roomOf(
  most: number,
  mostPerAddress: number
): { room: WaitingRoom; gone: string[]; come(name: string): Guest } {
  const room = new WaitingRoom({ most, mostPerAddress, isKnown: address => address === KNOWN })
  const gone: string[] = []
  let since = 0
  const come = (name: string): Guest => {
    const guest = { address: name.split('#')[0], since: since++, turnAway: () => void gone.push(name) }
    room.add(guest)
    return guest
  }
  return { room, gone, come }
}

describe('a waiting room', () => {
  it('3 of one address where 2 may be: the one that waited longest goes', () => {
    const { room, gone, come } = roomOf(10, 2)
    for (const name of ['a#1', 'a#2', 'a#3', 'b#1']) come(name)
    expect(gone).toEqual([])
    room.trim()
    expect(gone).toEqual(['a#1'])
    expect(room.size).toBe(3)
  })
  it('5 where 3 may be: those go whose address has most', () => {
    const { room, gone, come } = roomOf(3, 10)
    for (const name of ['b#1', 'a#1', 'a#2', 'c#1', 'a#3']) come(name)
    room.trim()
    expect(gone).toEqual(['a#1', 'a#2'])
  })
  it('an address where a member was last seen is spared while there is another', () => {
    const { room, gone, come } = roomOf(2, 10)
    for (const name of [`${KNOWN}#1`, `${KNOWN}#2`, 'a#1', 'b#1']) come(name)
    room.trim()
    expect(gone).toEqual(['a#1', 'b#1'])
    come(`${KNOWN}#3`)
    room.trim()
    expect(gone.at(-1)).toBe(`${KNOWN}#1`)
  })
  it('four times as many as may be are never there, trimmed or not', () => {
    const { room, come } = roomOf(2, 2)
    for (let i = 0; i < 100; i++) {
      come(`a#${i}`)
      expect(room.size).toBeLessThanOrEqual(8)
    }
  })
  it('who came before a moment is turned away at it, who left is not', () => {
    const { room, gone, come } = roomOf(10, 10)
    const [first] = ['a#0', 'a#1', 'b#2', 'a#3'].map(come)
    room.remove(first)
    room.expire(3)
    expect(gone).toEqual(['a#1', 'b#2'])
    expect(room.size).toBe(1)
  })
})

describe('an address as a door counts it', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64']
  ])('%s is of %s', (address, group) => {
    expect(groupOf(address)).toBe(group)
  })
})
