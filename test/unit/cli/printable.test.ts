import { afterEach, describe, expect, it, vi } from 'vitest'
import { NetError } from '../../../base/errors.ts'
import { createReport } from '../../../cli/console/report.ts'
import { createProgram, runVerb } from '../../../cli/console/run-verb.ts'

const HOSTILE = 'a\u001b]52;c;cm0=\u0007b\nsfmedir: forged\rc\u009b2Jd\u2028e\u2029f\u202eg\u2066h\u007f\u0085i\tj'
const SHOWN =
  'a\u{fffd}]52;c;cm0=\u{fffd}b\u{fffd}sfmedir: forged\u{fffd}c\u{fffd}2Jd\u{fffd}e\u{fffd}f\u{fffd}g\u{fffd}h\u{fffd}\u{fffd}i\u{fffd}j'

function capture(): { out: () => string; err: () => string } {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const console_ = vi.spyOn(console, 'error').mockReturnValue()
  const text = (spy: { mock: { calls: unknown[][] } }): string => spy.mock.calls.map(([said]) => said).join('')
  return { out: () => text(out), err: () => text(err) + text(console_) }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

describe("other peers' text on a terminal", () => {
  it('results, what is said and warnings are one line without control or bidi characters', () => {
    const { out, err } = capture()
    const report = createReport({})
    report.result({}, HOSTILE)
    report.say(HOSTILE)
    report.warn(HOSTILE)
    expect(out()).toBe(`${SHOWN}\n${SHOWN}\n`)
    expect(err()).toBe(`${SHOWN}\n`)
  })

  it("a verb's own lines stay lines; letters of any script, and signs, stay as they are", () => {
    const { out } = capture()
    const kept = 'Müller 山田 محمد שלום 👩‍⚕️ 3 % … “x”'
    createReport({}).result({}, [kept, '', HOSTILE])
    expect(out()).toBe(`${kept}\n\n${SHOWN}\n`)
  })

  it('JSON holds the very text, and no control or bidi character of it', () => {
    const { out } = capture()
    createReport({ json: true }).result({ name: HOSTILE }, '')
    expect(JSON.parse(out())).toEqual({ name: HOSTILE })
    expect(out().trimEnd()).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u)
  })

  it("a failure's message is one line; with SFMEDIR_DEBUG=1 every further line is indented", async () => {
    const program = createProgram()
    program.command('fail').action(() => {
      throw new NetError('BUSY', HOSTILE, { cause: new Error(HOSTILE) })
    })
    const plain = capture()
    expect(await runVerb(program, ['node', 'sfmedir', 'fail'])).toBe(1)
    expect(plain.err()).toBe(`sfmedir: BUSY: ${SHOWN}`)
    vi.restoreAllMocks()
    vi.stubEnv('SFMEDIR_DEBUG', '1')
    const debug = capture()
    await runVerb(program, ['node', 'sfmedir', 'fail'])
    const rest = debug.err().slice(`sfmedir: BUSY: ${SHOWN}`.length)
    expect(rest).toContain('NetError')
    for (const line of rest.split('\n')) expect(line).toMatch(/^ {2}[^\p{Cc}\p{Bidi_Control}\u2028\u2029]*$/u)
  })
})
