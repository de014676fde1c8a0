import { expect, it } from 'vitest'
import { NetError } from '../../../base/errors.ts'
import type { PeerId } from '../../../base/ids.ts'
import { type HealthSources, readHealth } from '../../../node/peer-health.ts'

const vitals = { load: 3 } as Awaited<ReturnType<HealthSources['vitals']['answer']>>
const USAGE = { shadows: 0, usedBytes: 0, freeBytes: 1, trashed: 0, trashBytes: 0 }
const sources = (changed: Partial<HealthSources> = {}): HealthSources => ({
  network: { connected: () => ['12D3KooWother' as PeerId] },
  vitals: { answer: async () => vitals },
  members: () => 2,
  master: { isDraining: false },
  shadows: { usage: async () => USAGE },
  ...changed
})
const failing = async (changed: Partial<HealthSources>): Promise<string[]> =>
  (await readHealth(sources(changed))).checks.filter(({ ok }) => !ok).map(({ reason }) => reason)

it('a peer that reaches another, stores and has room passes every check, and its vitals are told', async () => {
  expect(await readHealth(sources())).toEqual({
    vitals,
    checks: ['reaches another peer', 'takes stores', 'has room for shadows'].map(name => ({
      name,
      ok: true,
      reason: ''
    }))
  })
})

it('a peer without master and slave is asked for neither stores nor room', async () => {
  const { checks } = await readHealth(sources({ master: undefined, shadows: undefined }))
  expect(checks.map(({ name }) => name)).toEqual(['reaches another peer'])
})

it.each<[string, Partial<HealthSources>, string]>([
  ['nobody is connected', { network: { connected: () => [] } }, 'no member is connected'],
  ['the master drains', { master: { isDraining: true } }, 'the master is about to stop'],
  [
    'nothing more fits',
    { shadows: { usage: async () => ({ ...USAGE, freeBytes: 0 }) } },
    'the disk or the quota is full'
  ],
  [
    'the disk does not answer',
    { shadows: { usage: () => Promise.reject(new NetError('STORE_CORRUPT', 'no')) } },
    'STORE_CORRUPT'
  ]
])('when %s, that check fails with its reason', async (_, changed, reason) => {
  expect(await failing(changed)).toEqual([reason])
})

it('who is alone in the roster need not reach anybody', async () => {
  expect(await failing({ network: { connected: () => [] }, members: () => 1 })).toEqual([])
})
