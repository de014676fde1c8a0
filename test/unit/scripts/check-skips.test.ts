import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkSkips, MAY_SKIP } from '../../../scripts/ci/check-skips.ts'
import { ROOT } from '../../../scripts/sources/sources.ts'

const reportOf = (...tests: (readonly [fullName: string, status: string])[]) => ({
  testResults: [{ name: 'a.test.ts', assertionResults: tests.map(([fullName, status]) => ({ fullName, status })) }]
})

it('what passed, what failed and what may be skipped is no fault here', () => {
  const allowed = [...MAY_SKIP.keys()].map(name => [`a suite ${name} and more`, 'skipped'] as const)
  expect(checkSkips(reportOf(['one', 'passed'], ['two', 'failed'], ...allowed))).toEqual([])
})

it.each(['skipped', 'pending', 'todo', 'disabled'])('another test that is %s is a fault', status => {
  expect(checkSkips(reportOf(['one', 'passed'], ['two', status]))).toEqual(['a.test.ts: skipped: two'])
})

it('a report without tests is a fault', () => {
  expect(checkSkips({ testResults: [] })).toEqual(['no test ran'])
})

it('every test that may be skipped stands in a file of tests', () => {
  const files = globSync('test/**/*.test.ts', { cwd: ROOT })
  const text = files.map(file => readFileSync(join(ROOT, file), 'utf8')).join('\n')
  for (const name of MAY_SKIP.keys()) expect(text).toContain(`'${name}`)
})
