import { expect, test } from 'vitest'
import { seededRandom } from '../../../base/random.ts'
import {
  decodeKeys,
  encodeKeys,
  generateKeys,
  KEY_NAMES,
  type KeyRing,
  keyNamed,
  keysFor
} from '../../../crypto/keys.ts'

const keys = generateKeys(seededRandom('keys'))
const invalid = expect.objectContaining({ code: 'KEYS_INVALID' })
const held = (ring: KeyRing): string[] => KEY_NAMES.filter(name => ring[name] !== undefined)
const hexOf = (ring: KeyRing): string[] => KEY_NAMES.map(name => Buffer.from(ring[name] ?? []).toString('hex'))

test('KeyGen: four different keys of 32 bytes, an id of 16 hex digits, epoch 1', () => {
  expect(keys.epoch).toBe(1)
  expect(keys.id).toMatch(/^[0-9a-f]{16}$/)
  expect(new Set(hexOf(keys)).size).toBe(4)
  for (const name of KEY_NAMES) expect(keys[name]).toHaveLength(32)
  expect(generateKeys(seededRandom('other'), { epoch: 3 })).toMatchObject({ epoch: 3 })
  expect(hexOf(generateKeys(seededRandom('other')))).not.toEqual(hexOf(keys))
})

test('a role gets the keys it needs: owners and users 2, masters 2, slaves none', () => {
  expect(held(keysFor(keys, 'owner'))).toEqual(['imageKey', 'indexKey'])
  expect(held(keysFor(keys, 'user'))).toEqual(['imageKey', 'indexKey'])
  expect(held(keysFor(keys, 'master'))).toEqual(['thresholdKey', 'macKey'])
  expect(held(keysFor(keys, 'slave'))).toEqual([])
  expect(held(keysFor(keys, 'master', 'user', 'slave'))).toEqual([...KEY_NAMES])
  expect(held(keysFor(keys, 'key-centre'))).toEqual([...KEY_NAMES])
  expect(keysFor(keys, 'slave')).toEqual({ id: keys.id, epoch: 1 })
})

test('a key file gives back the keys that were written, whole or a part', () => {
  for (const ring of [keys, keysFor(keys, 'owner'), keysFor(keys, 'master'), keysFor(keys, 'slave')]) {
    expect(decodeKeys(encodeKeys(ring))).toEqual(ring)
  }
})

test('a key that the ring does not hold is KEYS_INVALID and named', () => {
  expect(keyNamed(keysFor(keys, 'owner'), 'imageKey')).toBe(keys.imageKey)
  expect(() => keyNamed(keysFor(keys, 'owner'), 'macKey')).toThrow(invalid)
  expect(() => keyNamed(keysFor(keys, 'owner'), 'macKey')).toThrow(/macKey/)
})

const good = JSON.parse(encodeKeys(keys))
const secret = good.keys.imageKey as string

test.each([
  ['not JSON', secret],
  ['cut JSON', encodeKeys(keys).slice(0, -5)],
  ['empty', ''],
  ['an array', '[]'],
  ['null', 'null'],
  ['another format', JSON.stringify({ ...good, format: 'other' })],
  ['a later version', JSON.stringify({ ...good, version: 2 })],
  ['no id', JSON.stringify({ ...good, id: undefined })],
  ['epoch 0', JSON.stringify({ ...good, epoch: 0 })],
  ['a short key', JSON.stringify({ ...good, keys: { imageKey: secret.slice(2) } })],
  ['an upper-case key', JSON.stringify({ ...good, keys: { imageKey: secret.toUpperCase() } })],
  ['a key that is a number', JSON.stringify({ ...good, keys: { imageKey: 7 } })],
  ['a key as field name', JSON.stringify({ ...good, keys: { [secret]: secret } })],
  ['a field too many', JSON.stringify({ ...good, [secret]: 1 })],
  ['over 4096 characters', encodeKeys(keys) + ' '.repeat(4096)]
])('a key file that is %s is KEYS_INVALID, and the message holds no key', (_, text) => {
  expect(() => decodeKeys(text)).toThrow(invalid)
  try {
    decodeKeys(text)
  } catch (error) {
    const told = `${(error as Error).message} ${(error as Error).stack} ${JSON.stringify(error)}`.toLowerCase()
    for (const key of hexOf(keys)) expect(told).not.toContain(key.slice(2, 14))
  }
})
