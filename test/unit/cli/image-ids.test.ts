import type { Command } from 'commander'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createProgram, runVerb } from '../../../cli/console/run-verb.ts'
import { register as registerDelete } from '../../../cli/verbs/delete.ts'
import { register as registerFetch } from '../../../cli/verbs/fetch.ts'

const ID = 'ab'.repeat(32)

/** What the verb writes on stderr, and its exit code. */
async function refused(register: (program: Command) => void, ...words: string[]) {
  const written: string[] = []
  vi.spyOn(console, 'error').mockImplementation(text => void written.push(String(text)))
  vi.spyOn(process.stderr, 'write').mockImplementation(text => written.push(String(text)) > 0)
  const program = createProgram()
  register(program)
  return { code: await runVerb(program, ['node', 'sfmedir', ...words]), line: written.join('') }
}

describe.each([
  [
    'fetch',
    registerFetch,
    'missing argument: say ids, --name PATTERN (or another choice), or --all DIR for every image'
  ],
  ['delete', registerDelete, "missing required argument 'id'\n"]
] as const)('sfmedir %s', (verb, register, complaint) => {
  afterEach(() => vi.restoreAllMocks())

  it('without an id is called wrongly: 2', async () => {
    const { code, line } = await refused(register, verb)
    expect({ code, line }).toEqual({ code: 2, line: `sfmedir: USAGE: ${complaint}` })
  })

  it.each([[''], ['xyz'], [ID.toUpperCase()], [`${ID}0`]])('with the id "%s" is called wrongly: 2', async id => {
    const { code, line } = await refused(register, verb, ID, id)
    expect(line).toBe(`sfmedir: USAGE: ${JSON.stringify(id)}: an image id is 64 lower-case hex digits`)
    expect(code).toBe(2)
  })
})
