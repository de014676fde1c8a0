import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../../../scripts/sources/sources.ts'
import { madeTree } from './made-tree.ts'

/** Runs `.ci/run` where npm prints the line given for a step, and fails if the line says so; gives its last line. */
function run(steps: readonly string[], lines: Readonly<Record<string, string>>, skipsFail = false) {
  const cases = Object.entries(lines).map(([step, line]) => `*${step}*) echo '${line}' ;;`)
  const root = madeTree({
    '.ci/run': readFileSync(join(ROOT, '.ci/run'), 'utf8'),
    'bin/npm': `#!/bin/sh\ncase "$*" in\n${cases.join('\n')}\nesac | tee "$0.out"\n! grep -q failed "$0.out"\n`,
    'node_modules/.bin/node': `#!/bin/sh\nexit ${skipsFail ? 1 : 0}\n`
  })
  for (const program of ['.ci/run', 'bin/npm', 'node_modules/.bin/node']) chmodSync(join(root, program), 0o755)
  const env = { ...process.env, PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}` }
  const { status, stdout } = spawnSync(join(root, '.ci/run'), steps, { encoding: 'utf8', env })
  return { status, last: stdout.trimEnd().split('\n').at(-1) }
}

const GOOD = { test: ' Test Files  2 passed (2)\n      Tests  120 passed | 2 skipped (122)\n   Duration  1 s' }
const BAD = {
  test: ' Test Files  1 failed (1)\n\u001b[2m      Tests\u001b[22m  \u001b[1m3 failed\u001b[22m | 120 passed (123)'
}

it('without a name every step runs, and the tests are counted', () => {
  expect(run([], GOOD)).toEqual({ status: 0, last: '120 passed, 0 failed, 2 skipped' })
})

it('failed tests count for themselves, another failed step counts one', () => {
  expect(run([], BAD)).toEqual({ status: 1, last: '120 passed, 3 failed, 0 skipped' })
  expect(run([], { ...BAD, demo: 'failed' })).toEqual({ status: 1, last: '120 passed, 4 failed, 0 skipped' })
  expect(run(['test'], GOOD, true)).toEqual({ status: 1, last: '120 passed, 1 failed, 2 skipped' })
})

it('steps that are named run alone and are counted', () => {
  expect(run(['check', 'build'], { demo: 'failed', check: 'fine' })).toEqual({
    status: 0,
    last: '2 passed, 0 failed, 0 skipped'
  })
  expect(run(['check', 'build'], { check: 'failed' })).toEqual({ status: 1, last: '1 passed, 1 failed, 0 skipped' })
})

it('an install that fails ends it; tests that did not run and names that are no step fail', () => {
  expect(run([], { ci: 'failed', ...GOOD })).toEqual({ status: 1, last: '0 passed, 1 failed, 0 skipped' })
  expect(run(['test'], { test: 'crashed' })).toEqual({ status: 1, last: '0 passed, 1 failed, 0 skipped' })
  expect(run(['tset'], GOOD).status).toBe(2)
})
