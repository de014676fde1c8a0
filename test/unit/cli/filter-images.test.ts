import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import type { ImageId, PeerId } from '../../../base/ids.ts'
import { systemClock } from '../../../base/clock.ts'
import { createProgram, runVerb } from '../../../cli/console/run-verb.ts'
import { type FilterFlags, imageFilter, withFilters } from '../../../cli/images/filter-images.ts'
import { namePattern } from '../../../cli/images/name-pattern.ts'
import { pointInTime } from '../../../cli/images/point-in-time.ts'
import type { ListedImage } from '../../../node/client/list-images.ts'
import type { Metadata } from '../../../node/client/seal-metadata.ts'

const OWNER = '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2' as PeerId

function image(metadata: Partial<Metadata> | undefined): ListedImage {
  const opened =
    metadata === undefined
      ? { metadata, metadataError: 'KEY_WRONG' as const }
      : { metadata: { name: 'a.dcm', labels: [], ...metadata }, metadataError: undefined }
  return { id: 'a'.repeat(64) as ImageId, owner: OWNER, size: 1, state: 'healthy', ...opened }
}

const passes = (flags: FilterFlags, metadata: Partial<Metadata> | undefined): boolean =>
  imageFilter(flags)(image(metadata))

describe('the choice of images', () => {
  it.each([
    ['*.dcm', 'head.DCM', true],
    ['*.dcm', 'head.dcm.txt', false],
    ['slice ?', 'slice 3', true],
    ['slice ?', 'slice 13', false],
    ['a+(b)[c].*', 'a+(b)[c].png', true],
    ['a', 'aa', false],
    ['**', 'line\nbreak', true]
  ])('the pattern %j and the name %j: %s', (pattern, name, match) => {
    expect(namePattern(pattern)(name)).toBe(match)
    expect(passes({ name: pattern }, { name })).toBe(match)
  })

  it('labels: all of them; an owner: exactly', () => {
    expect(passes({ label: ['mr', 'head'] }, { labels: ['head', 'x', 'mr'] })).toBe(true)
    expect(passes({ label: ['mr', 'head'] }, { labels: ['head'] })).toBe(false)
    expect(passes({ owner: OWNER }, {})).toBe(true)
    expect(passes({ owner: OWNER.replace('2', '3') as PeerId }, {})).toBe(false)
  })

  it('since is at that time or later, until before it; what has no time passes neither', () => {
    for (const [time, since, until] of [
      [999, false, true],
      [1000, true, false],
      [1001, true, false],
      [undefined, false, false]
    ] as const) {
      expect({ since: passes({ since: 1000 }, { time }), until: passes({ until: 1000 }, { time }) }).toEqual({
        since,
        until
      })
    }
  })

  it('what is sealed under other keys passes no filter but that of its owner', () => {
    expect(passes({}, undefined)).toBe(true)
    expect(passes({ owner: OWNER }, undefined)).toBe(true)
    for (const flags of [{ name: '*' }, { label: ['x'] }, { since: 0 }, { until: 1e15 }])
      expect(passes(flags, undefined)).toBe(false)
  })

  it('times are local dates, with or without the hour, or ages', () => {
    expect(pointInTime('2026-11-30')).toBe(new Date(2026, 10, 30).getTime())
    expect(pointInTime('2026-11-30T08:15')).toBe(new Date(2026, 10, 30, 8, 15).getTime())
    expect(pointInTime('2026-11-30T08:15Z')).toBe(Date.UTC(2026, 10, 30, 8, 15))
    expect(Math.abs(systemClock.now() - 7 * 86_400_000 - pointInTime('7d'))).toBeLessThan(60_000)
    for (const wrong of ['', 'yesterday', '2026-13-01', '7', '-1d', '5y']) expect(() => pointInTime(wrong)).toThrow()
  })

  it('a wrong owner or time is called wrongly: 2', async () => {
    for (const words of [
      ['--owner', 'x'],
      ['--since', 'then']
    ]) {
      const program = createProgram().configureOutput({ writeErr: () => {} })
      program.addCommand(withFilters(new Command('list')).copyInheritedSettings(program))
      expect(await runVerb(program, ['node', 'sfmedir', 'list', ...words])).toBe(2)
    }
  })
})
