import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { observe, type Observed } from '../../../cli/observe/observe.ts'
import type { HealthCheck } from '../../../node/peer-health.ts'
import type { Peer } from '../../../node/peer.ts'

const ROOT = join(import.meta.dirname, '../../..')
const VITALS = { roles: ['master'], site: 'here', shadows: 7, usedBytes: 70, freeBytes: 30, trashed: 2, trashBytes: 20 }
const STATUS = {
  images: 6,
  healthy: 3,
  degraded: 2,
  unreadable: 1,
  auditFailures: 3,
  unknownShadows: 4,
  behind: true,
  repair: { waiting: 2, nearest: 0, failing: 1, repaired: 5, alone: false },
  masters: [{ alive: true }],
  slaves: [{ alive: true }, { alive: true }, { alive: false }],
  owners: [
    { peer: 'owner-a', images: 6, bytes: 600, quotaBytes: 1000 },
    { peer: 'owner-b', images: 1, bytes: 5 }
  ]
}

describe('a peer that is watched', () => {
  let observed: Observed
  let checks: HealthCheck[]
  let isMaster: boolean

  const get = async (path: string, init?: RequestInit): Promise<{ status: number; text: string }> => {
    const response = await fetch(observed.url + path, init)
    return { status: response.status, text: await response.text() }
  }
  const peer = (): Peer =>
    ({
      roles: isMaster ? ['master'] : ['slave'],
      health: async () => ({ vitals: { ...VITALS, refusedDrops: 0, load: 1, images: 6 }, checks }),
      master: { status: async () => STATUS }
    }) as unknown as Peer

  beforeEach(async () => {
    checks = [{ name: 'takes stores', ok: true, reason: '' }]
    isMaster = true
    const opened = await observe({ metrics: '127.0.0.1:0', data: tmpdir() })
    if (opened === undefined) throw new Error('not served')
    observed = opened
  })
  afterEach(() => observed.close())

  it('lives before it is ready; is ready while every check holds, and else says why', async () => {
    expect(await get('/livez')).toEqual({ status: 200, text: 'ok\n' })
    expect(await get('/readyz')).toEqual({ status: 503, text: 'the peer is starting\n' })
    observed.watchPeer(peer())
    expect(await get('/readyz')).toEqual({ status: 200, text: 'ok\n' })
    checks = [...checks, { name: 'reaches another peer', ok: false, reason: 'no member is connected' }]
    expect(await get('/readyz')).toEqual({ status: 503, text: 'reaches another peer: no member is connected\n' })
  })

  it('tells what a master knows of images, peers and owners', async () => {
    observed.watchPeer(peer())
    const lines = (await get('/metrics')).text.split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'sfmedir_ready 1',
        'sfmedir_images{state="healthy"} 3',
        'sfmedir_images{state="degraded"} 2',
        'sfmedir_images{state="unreadable"} 1',
        'sfmedir_audit_failures 3',
        'sfmedir_unknown_shadows 4',
        'sfmedir_index_behind 1',
        'sfmedir_audit_failures 3',
        'sfmedir_repairs_waiting 2',
        'sfmedir_repairs_failing 1',
        'sfmedir_repaired_images 5',
        'sfmedir_shadows_to_spare 0',
        'sfmedir_peers{role="slave",state="alive"} 2',
        'sfmedir_peers{role="slave",state="silent"} 1',
        'sfmedir_owner_bytes{owner="owner-a"} 600',
        'sfmedir_owner_quota_bytes{owner="owner-a"} 1000',
        'sfmedir_shadows 7'
      ])
    )
    expect(lines.filter(line => line.startsWith('sfmedir_owner_quota_bytes{'))).toHaveLength(1)
  })

  it('counts requests by protocol and outcome, and times those that ended well', async () => {
    observed.watch('/sfmedir/get-image/1.0.0', 'OK', 20)
    observed.watch('/sfmedir/get-image/1.0.0', 'NOT_ENOUGH_SHADOWS', 5000)
    const { text } = await get('/metrics')
    expect(text).toContain('sfmedir_requests_total{protocol="get-image",outcome="OK"} 1')
    expect(text).toContain('sfmedir_requests_total{protocol="get-image",outcome="NOT_ENOUGH_SHADOWS"} 1')
    expect(text).toContain('sfmedir_request_seconds_bucket{le="0.01",protocol="get-image"} 0')
    expect(text).toContain('sfmedir_request_seconds_bucket{le="0.03",protocol="get-image"} 1')
    expect(text).toContain('sfmedir_request_seconds_count{protocol="get-image"} 1')
  })

  it('a slave tells nothing of images; a peer that starts tells no figure that it does not know', async () => {
    const known = async (name: string): Promise<boolean> =>
      new RegExp(`^${name}[ {]`, 'm').test((await get('/metrics')).text)
    expect(await known('sfmedir_shadows')).toBe(false)
    isMaster = false
    observed.watchPeer(peer())
    expect(await known('sfmedir_shadows')).toBe(true)
    expect(await known('sfmedir_images')).toBe(false)
  })

  it('answers GET alone, and three paths', async () => {
    expect((await get('/metrics', { method: 'POST' })).status).toBe(405)
    expect((await get('/')).status).toBe(404)
  })

  it('a port that is taken is PORT_IN_USE; without the setting nothing is served', async () => {
    const metrics = new URL(observed.url).host
    await expect(observe({ metrics, data: tmpdir() })).rejects.toMatchObject({ code: 'PORT_IN_USE' })
    expect(await observe({ metrics: undefined, data: tmpdir() })).toBeUndefined()
  })

  describe('alert rules and dashboard', () => {
    const rules = readFileSync(join(ROOT, 'deploy/prometheus/sfmedir-alerts.yml'), 'utf8')
    const dashboard = readFileSync(join(ROOT, 'deploy/grafana/sfmedir.json'), 'utf8')

    it('ask for figures that are served, with labels that they have', async () => {
      observed.watchPeer(peer())
      observed.watch('/sfmedir/get-image/1.0.0', 'INTERNAL', 1)
      observed.watch('/sfmedir/get-image/1.0.0', 'OK', 1)
      const { text } = await get('/metrics')
      const asked = new Set(`${rules}${dashboard}`.match(/\b(?:sfmedir|process|nodejs)_\w+/g))
      expect(asked.size).toBeGreaterThan(15)
      for (const name of asked) expect(text, name).toMatch(new RegExp(`^${name}[ {]`, 'm'))
      for (const [, label] of `${rules}${dashboard}`.matchAll(/by \((?:\w+, )*(\w+)\)/g)) {
        expect(['instance', 'le', ...(text.match(/\w+(?==")/g) ?? [])]).toContain(label)
      }
    })

    it('every alarm is explained on the page for operators', () => {
      const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')
      const alerts = parse(rules).groups[0].rules.map(({ alert }: { alert: string }) => alert)
      expect(alerts.length).toBeGreaterThan(10)
      for (const alert of alerts) expect(page).toContain(`\`${alert}\``)
    })

    const promtool = spawnSync('promtool', ['--version']).status === 0
    it.skipIf(!promtool)('promtool accepts the rules', () => {
      const { status, stderr } = spawnSync('promtool', [
        'check',
        'rules',
        join(ROOT, 'deploy/prometheus/sfmedir-alerts.yml')
      ])
      expect(stderr.toString()).toBe('')
      expect(status).toBe(0)
    })
  })
})
