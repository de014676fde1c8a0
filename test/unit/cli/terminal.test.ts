import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { NetError } from '../../../base/errors.ts'
import { peerLog } from '../../../cli/config/peer-log.ts'
import { createReport } from '../../../cli/console/report.ts'
import { createProgram, runVerb } from '../../../cli/console/run-verb.ts'

const RAW = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u
const odd = fc.constantFrom(
  '\u001b]52;c;cm0=\u0007',
  '\n',
  '\r',
  '\u009b2J',
  '\u202e',
  '\u2066',
  '\u2028',
  '\u0000',
  '\u007f',
  '\ud800'
)
const text = fc.array(fc.oneof(odd, fc.string({ unit: 'binary' })), { maxLength: 6 }).map(parts => parts.join(''))
const RUNS = { numRuns: 2000 }

function capture(): () => string {
  const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write'), vi.spyOn(console, 'error')]
  for (const spy of spies) spy.mockReturnValue(true as never) // `void` of the last
  return () => spies.flatMap(spy => spy.mock.calls.map(([said]) => String(said))).join('')
}

/** Every line, without its break: as many as there should be, none with anything raw in it. */
function linesOf(said: string, lines: number): void {
  const found = said.replace(/\n$/, '').split('\n')
  expect(found.length).toBe(lines)
  for (const line of found) expect(line).not.toMatch(RAW)
}

afterEach(() => vi.restoreAllMocks())

describe('any text of a peer', () => {
  it('said, warned of, or shown as a result: one line, nothing raw', () => {
    fc.assert(
      fc.property(text, hostile => {
        const said = capture()
        const report = createReport({})
        report.result({}, [hostile, hostile])
        report.say(hostile)
        report.warn(hostile)
        linesOf(said(), 4)
        vi.restoreAllMocks()
      }),
      RUNS
    )
  })

  it('in JSON: one line, nothing raw, and the very text for who reads it', () => {
    fc.assert(
      fc.property(text, text, (name, value) => {
        const said = capture()
        createReport({ json: true }).result({ [name]: value, list: [value] }, '')
        linesOf(said(), 1)
        expect(JSON.parse(said())).toEqual({ [name]: value, list: [value] })
        vi.restoreAllMocks()
      }),
      RUNS
    )
  })

  it('as the message of a failure: one line, nothing raw', async () => {
    await fc.assert(
      fc.asyncProperty(text, async hostile => {
        const said = capture()
        const program = createProgram()
        program.command('fail').action(() => {
          throw new NetError('BUSY', hostile)
        })
        await runVerb(program, ['node', 'sfmedir', 'fail'])
        linesOf(said(), 1)
        vi.restoreAllMocks()
        process.stdout.removeAllListeners('error')
      }),
      { numRuns: 300 }
    )
  })

  it('in the log: a line each, nothing raw, and the text, as UTF-8 can hold it, for who reads it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sfmedir-log-'))
    const file = join(folder, 'log')
    const fd = openSync(file, 'w')
    try {
      const texts = fc.sample(text, { numRuns: 2000, seed: 5 })
      const { log } = peerLog('info', 'info', fd)
      for (const hostile of texts) log(hostile, { reason: hostile })
      const written = readFileSync(file, 'utf8')
      linesOf(written, texts.length)
      const read = written
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line))
      expect(read.map(({ msg, reason }) => [msg.toWellFormed(), reason.toWellFormed()])).toEqual(
        texts.map(hostile => [hostile.toWellFormed(), hostile.toWellFormed()])
      )
    } finally {
      closeSync(fd)
      rmSync(folder, { recursive: true })
    }
  })
})
