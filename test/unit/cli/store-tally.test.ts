import { afterEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { NetError } from '../../../base/errors.ts'
import type { ImageId } from '../../../base/ids.ts'
import type { Report } from '../../../cli/console/report.ts'
import { StoreTally } from '../../../cli/images/store-tally.ts'
import type { StoredImage } from '../../../node/client/stored-image.ts'

const id = 'a'.repeat(64) as ImageId
const stored = { id, space: { bits: 16 }, total: 3, holders: [1, 2, 3] } as unknown as StoredImage // all that is shown of it

/** A tally of 10 files of 1 MiB each, what it says, and a clock to turn. */
function tallied() {
  const [shown, results, warned]: [string[], object[], string[]] = [[], [], []]
  const at = { ms: 0 }
  const clock = { monotonic: () => at.ms } as unknown as Clock // all that it uses
  const report: Report = {
    json: true,
    result: value => void results.push(value),
    say: () => {},
    progress: text => void shown.push(text),
    warn: text => void warned.push(text)
  }
  return { tally: new StoreTally(report, { files: 10, bytes: 10 * 2 ** 20 }, clock), at, shown, results, warned }
}

describe('the tally of a store', () => {
  const before = process.exitCode
  afterEach(() => {
    process.exitCode = before
  })

  it('shows how far it is, and after a second the rate and the time that is left', () => {
    const { tally, at, shown } = tallied()
    at.ms = 500
    tally.stored('a', 2 ** 20, stored)
    at.ms = 2000
    tally.known('b', 2 ** 20, id)
    expect(shown).toEqual(['1 of 10', '2 of 10, 1.0 MiB/s, 8 s left'])
  })

  it('closes with every count and reason; the exit code is 1 when anything failed, else untouched', () => {
    const { tally, at, results, warned } = tallied()
    tally.hidden(2)
    tally.noImage(10)
    tally.stored('a', 2 ** 20, stored)
    tally.known('b', 5, id)
    at.ms = 4000
    tally.failed('c', new NetError('IMAGE_INVALID', 'no image'))
    tally.failed('d', new Error('odd'))
    tally.close()
    const reasons = { IMAGE_INVALID: 1, INTERNAL: 1 }
    const summary = { stored: 1, known: 1, failed: 2, reasons, hidden: 2, noImage: 1, bytes: 2 ** 20, seconds: 4 }
    expect(results[results.length - 1]).toEqual({ summary })
    expect(warned).toEqual(['sfmedir: IMAGE_INVALID: c: no image', 'sfmedir: INTERNAL: d: odd'])
    expect(process.exitCode).toBe(1)
    process.exitCode = undefined
    tallied().tally.close()
    expect(process.exitCode).toBeUndefined()
  })
})
