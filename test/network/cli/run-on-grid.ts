import type { Command } from 'commander'
import { vi } from 'vitest'
import * as configured from '../../../cli/config/open-configured.ts'
import { createProgram, runVerb } from '../../../cli/console/run-verb.ts'
import type { Owner } from '../../../node/client/owner.ts'
import type { User } from '../../../node/client/user.ts'
import type { HospitalGrid } from '../node/hospital-grid.ts'

/** What a verb wrote, and its exit code. */
export interface Ran {
  readonly code: number
  /** The lines on stdout. */
  readonly out: readonly string[]
  /** The lines on stderr. */
  readonly err: readonly string[]
}

/** Which of the program's verbs are there, and as whom they run. */
export interface GridVerbs {
  readonly register: (program: Command) => void
  readonly grid: HospitalGrid
  readonly user?: User
  readonly owner?: Owner
}

/**
 * Run one verb on a grid's virtual time. The file that calls it has `open-configured.ts` mocked:
 * `vi.mock('../../../cli/config/open-configured.ts', async original => ({ ...(await original()), withUser: vi.fn(), withOwner: vi.fn() }))`.
 */
export async function runOnGrid({ register, grid, user, owner }: GridVerbs, ...words: string[]): Promise<Ran> {
  vi.mocked(configured.withUser).mockImplementation((_, work) => grid.run(work(user ?? grid.user.role)))
  vi.mocked(configured.withOwner).mockImplementation((_, work) => grid.run(work(owner ?? grid.owner.role)))
  const [out, err]: [string[], string[]] = [[], []]
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(text => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, 'write').mockImplementation(text => err.push(String(text)) > 0),
    vi.spyOn(console, 'error').mockImplementation(text => void err.push(`${text}\n`))
  ]
  const before = process.exitCode
  const listeners = process.stdout.listeners('error')
  process.exitCode = undefined
  try {
    const program = createProgram()
    register(program)
    const code = await runVerb(program, ['node', 'sfmedir', ...words])
    return { code, out: linesOf(out), err: linesOf(err) }
  } finally {
    process.exitCode = before
    for (const spy of spies) spy.mockRestore()
    for (const each of process.stdout.listeners('error')) {
      if (!listeners.includes(each)) process.stdout.off('error', each as () => void)
    }
  }
}

function linesOf(written: readonly string[]): string[] {
  return written
    .join('')
    .split('\n')
    .filter(line => line !== '')
}
