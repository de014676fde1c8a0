import { InvalidArgumentError } from 'commander'
import { systemClock } from '../../base/clock.ts'

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }

/** A point in time, ms since 1970: `2026-11-30`, `2026-11-30T08:15` (local time), or so long ago: `30m`, `12h`, `7d`, `2w`. */
export function pointInTime(text: string): number {
  const ago = /^(\d{1,6})([mhdw])$/.exec(text)
  if (ago !== null) return systemClock.now() - Number(ago[1]) * UNITS_MS[ago[2]]
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00`) : Date.parse(text)
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time)) return time
  throw new InvalidArgumentError(
    'a date such as 2026-11-30 or 2026-11-30T08:15 is wanted, or an age such as 7d or 12h.'
  )
}

/** A point in time for people, to the minute in local time. */
export function shownTime(time: number): string {
  return new Date(time).toLocaleString('sv-SE').slice(0, 16)
}
