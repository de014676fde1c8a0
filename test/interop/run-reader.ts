import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'vitest'

/** What the reader in Python is asked: `do` names the job, bytes are hex. */
export type Job = Readonly<Record<string, unknown>> & { readonly do: string }

const READER = join(import.meta.dirname, 'reader')
const OPTIONS = { encoding: 'utf8', maxBuffer: 2 ** 28, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } } as const

const missing = whyNot()

/**
 * `describe` of what the reader in Python must be there for. Where python3 or its package `cryptography` is missing the
 * tests are skipped with a message; where the environment says CI=true that is a failure.
 */
export function describeReader(name: string, tests: () => void): void {
  if (missing !== undefined) console.log(`${name}: skipped, ${missing}`)
  if (missing !== undefined && process.env.CI === 'true') {
    it(`${name}: python3 and its package cryptography are there`, () => {
      throw new Error(missing)
    })
  }
  describe.skipIf(missing !== undefined)(name, tests)
}

/** What the reader answers to each job; a job that it refuses gives `refused: why`. */
export function readerOn(jobs: readonly Job[]): unknown[] {
  const { status, stdout, stderr } = spawnSync('python3', [READER], { ...OPTIONS, input: JSON.stringify(jobs) })
  if (status !== 0) throw new Error(`the reader ended with ${status}: ${stderr}`)
  const answers: { ok?: unknown; refused?: string }[] = JSON.parse(stdout)
  return answers.map(answer => ('ok' in answer ? answer.ok : `refused: ${answer.refused}`))
}

function whyNot(): string | undefined {
  const { status, error } = spawnSync('python3', ['-c', 'import cryptography'], OPTIONS)
  if (error !== undefined) return 'python3 is not there'
  return status === 0
    ? undefined
    : 'the package cryptography of python3 is not there (apt-get install python3-cryptography)'
}
