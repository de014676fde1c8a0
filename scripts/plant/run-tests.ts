import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { TestReport } from './judge.ts'

/** Which tests of a project to run, and how. */
export interface TestRun {
  readonly files: readonly string[]
  /** Parts of full names; tests with none of them are left out. All tests for an empty list. */
  readonly only: readonly string[]
  /** Further flags for the test runner. */
  readonly flags?: readonly string[]
  /** Milliseconds after which the run is ended without a report; 5 minutes. */
  readonly patienceMs?: number
}

/** Run tests of the project in a folder and read the report, which lies beside the folder. @throws Error when there is none */
export async function runTests(
  folder: string,
  { files, only, flags = [], patienceMs = 300_000 }: TestRun
): Promise<TestReport> {
  const report = `${folder}.json`
  rmSync(report, { force: true })
  const names = only.map(name => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const named = names.length === 0 ? [] : ['-t', names.join('|')]
  const output = ['--reporter=json', `--outputFile=${report}`]
  const program = join(folder, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [program, 'run', ...files, ...named, ...output, ...flags], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patienceMs
  })
  let printed = ''
  child.stdout.on('data', data => (printed += data))
  child.stderr.on('data', data => (printed += data))
  await once(child, 'close')
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    throw new Error(`the tests left no report: ${printed.trim().split('\n').slice(-5).join(' | ')}`)
  }
}
