import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { whyNotGreen, whyNotKilled } from '../../../scripts/plant/judge.ts'
import { plantBug } from '../../../scripts/plant/plant-bug.ts'
import type { PlantedBug } from '../../../scripts/plant/planted-bug.ts'
import { chooseBugs, readBugs } from '../../../scripts/plant/read-bugs.ts'
import { tryBugs } from '../../../scripts/plant/try-bugs.ts'
import { ROOT } from '../../../scripts/sources/sources.ts'
import { madeTree } from './made-tree.ts'

const reportOf = (...failureMessages: string[]) => ({
  testResults: [
    {
      name: 'a.test.ts',
      message: '',
      assertionResults: [
        { fullName: 'one', status: 'passed', failureMessages: [] },
        ...failureMessages.map(message => ({ fullName: 'two', status: 'failed', failureMessages: [message] }))
      ]
    }
  ]
})
const ANOTHER = expect.stringMatching(/^red for another reason: /)
const NOT_LOADED = { testResults: [{ name: 'a.test.ts', message: 'Error: no such module', assertionResults: [] }] }

describe('planting', () => {
  const bug = { file: 'a.ts', find: 'x > 1', put: "'$&' === x" }

  it('puts the text of a bug in its place, whatever it holds', () => {
    expect(plantBug('if (x > 1) go()', bug)).toBe("if ('$&' === x) go()")
  })

  it.each([
    ['stands no more', 'if (x > 2) go()', bug],
    ['stands twice', 'if (x > 1) go(x > 1)', bug],
    ['is the same', 'if (x > 1) go()', { ...bug, put: bug.find }],
    ['breaks the source', 'if (x > 1) go()', { ...bug, put: '(x' }]
  ])('is an error where the text %s', (_, source, planted) => {
    expect(() => plantBug(source, planted)).toThrow()
  })
})

describe('judging', () => {
  it.each([
    'AssertionError: expected 1 to be 2',
    'NetError: too late',
    'Error: promise resolved "1" instead of rejecting',
    'Error: Property failed after 1 tests\nGot AssertionError'
  ])('a test that fails with "%s" has killed a bug', message => {
    expect(whyNotKilled(reportOf(message), {})).toBeUndefined()
  })

  it.each([
    'ReferenceError: x is not defined',
    'TypeError: verb is not a function',
    'Error: Property failed after 1 tests\nGot ReferenceError: x is not defined',
    'TestTimeoutError: Test timed out in 60000ms.',
    'Error: ENOENT'
  ])('"%s" is red for another reason, unless the bug says that it fails so', message => {
    expect(whyNotKilled(reportOf(message), {})).toEqual(ANOTHER)
    expect(whyNotKilled(reportOf(message), { failsWith: message.slice(3, 20) })).toBeUndefined()
    expect(whyNotKilled(reportOf(message), { failsWith: 'something else' })).toEqual(ANOTHER)
  })

  it('green tests, and tests that do not load, have killed nothing', () => {
    expect(whyNotKilled(reportOf(), {})).toBe('survived: every test stayed green')
    expect(whyNotKilled(NOT_LOADED, {})).toBe('red for another reason: Error: no such module')
  })

  it('tests are a measure only if they load, one of the name runs, and none of the name fails', () => {
    expect(whyNotGreen(reportOf())).toBeUndefined()
    expect(whyNotGreen(reportOf('AssertionError: no'))).toBe('not green without the bug: two: AssertionError: no')
    expect(whyNotGreen(reportOf('AssertionError: no'), 'one')).toBeUndefined()
    expect(whyNotGreen(reportOf(), 'three')).toBe('not green without the bug: no test ran')
    expect(whyNotGreen(NOT_LOADED)).toBe('not green without the bug: Error: no such module')
    expect(whyNotGreen({ testResults: [] })).toBe('not green without the bug: no test ran')
  })
})

const TREE = {
  'package.json': '{"type":"module"}',
  'vitest.config.ts': 'export default { test: { pool: "forks" } }',
  'room/sum.ts': 'export const sum = (a: number, b: number): number => a + b\nexport const idle = 1\n',
  'test/sum.test.ts':
    "import { expect, it } from 'vitest'\nimport { sum } from '../room/sum.ts'\n" +
    "it('1 and 2 are 3', () => expect(sum(1, 2)).toBe(3))\nit('0 and 0 are 0', () => expect(sum(0, 0)).toBe(0))\n",
  'test/red.test.ts': "import { expect, it } from 'vitest'\nit('1 is 2', () => expect(1).toBe(2))\n"
}
const SUM = { file: 'room/sum.ts', test: 'test/sum.test.ts', bug: 'a bug' }
const BUGS: readonly PlantedBug[] = [
  { ...SUM, name: 'seen', find: 'a + b', put: 'a - b' },
  { ...SUM, name: 'seen-by-another', find: 'a + b', put: 'a - b', only: '0 and 0' },
  { ...SUM, name: 'idle', find: 'idle = 1', put: 'idle = 2' },
  { ...SUM, name: 'gone', find: 'a * b', put: 'a' },
  { ...SUM, name: 'undefined', find: 'a + b', put: 'a + c' },
  { ...SUM, name: 'unloadable', find: 'export const sum', put: "import '../no.ts'\nexport const sum" },
  { ...SUM, name: 'red-before', find: 'a + b', put: 'a - b', test: 'test/red.test.ts' }
]

it('of seven bugs in two copies the one that a test sees is killed, the sources stay, no copy does', async () => {
  const root = madeTree(TREE)
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  const told: string[] = []
  const trials = await tryBugs(root, BUGS, { copies: 2, onTrial: ({ bug }) => told.push(bug.name) })
  const faults = new Map(trials.map(({ bug, fault }) => [bug.name, fault?.split(':')[0]]))
  expect(Object.fromEntries(faults)).toEqual({
    seen: undefined,
    'seen-by-another': 'survived',
    idle: 'survived',
    gone: 'no longer applies',
    undefined: 'red for another reason',
    unloadable: 'red for another reason',
    'red-before': 'not green without the bug'
  })
  expect(told).toHaveLength(BUGS.length)
  expect(readFileSync(join(root, 'room/sum.ts'), 'utf8')).toBe(TREE['room/sum.ts'])
  expect(existsSync(join(root, 'node_modules/vitest'))).toBe(true)
})

it('with a report of the tests as they stand, what is green in it is not run before the bug, what is red is', async () => {
  const root = madeTree({
    ...TREE,
    'test/sum.test.ts': `${TREE['test/sum.test.ts']}it('is seen', () => expect(1).toBe(2))\n`
  })
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  const told = ({ file, status }: { file: string; status: string }) => ({
    name: join(root, file),
    message: '',
    assertionResults: [{ fullName: 'told', status, failureMessages: [] }]
  })
  const green = {
    testResults: [told({ file: BUGS[0].test, status: 'passed' }), told({ file: BUGS[6].test, status: 'failed' })]
  }
  const trials = await tryBugs(root, [BUGS[0], BUGS[6]], { copies: 1, onTrial: () => {}, green })
  const faults = new Map(trials.map(({ bug, fault }) => [bug.name, fault]))
  expect(faults.get('seen')).toBeUndefined() // its test would be red without the bug too: the report was believed
  expect(faults.get('red-before')).toMatch(/^not green without the bug: 1 is 2/)
})

describe('the lists', () => {
  const list = (bugs: readonly Partial<PlantedBug>[]): string => `export const PLANTED = ${JSON.stringify(bugs)}\n`

  it('of every file are read; words choose by name or source', async () => {
    const [seen, idle, gone] = [BUGS[0], BUGS[2], { ...BUGS[3], file: 'room/other.ts' }]
    const files = {
      ...TREE,
      'room/other.ts': '',
      'test/planted/a.ts': list([seen, idle]),
      'test/planted/b.ts': list([gone])
    }
    const bugs = await readBugs(madeTree(files))
    expect(bugs).toEqual([seen, idle, gone])
    expect(chooseBugs(bugs, [])).toEqual(bugs)
    expect(chooseBugs(bugs, ['see', 'other.ts'])).toEqual([seen, gone])
    expect(() => chooseBugs(bugs, ['see', 'nothing'])).toThrow('nothing')
  })

  it.each([
    ['no list', 'export const OTHER = []\n'],
    ['an empty list', list([])],
    ['two bugs of one name', list([BUGS[0], BUGS[0]])],
    ['a source that is not there', list([{ ...BUGS[0], file: 'room/none.ts' }])],
    ['a test that is not there', list([{ ...BUGS[0], test: 'test/none.test.ts' }])]
  ])('with %s are an error', async (_, text) => {
    await expect(readBugs(madeTree({ ...TREE, 'test/planted/a.ts': text }))).rejects.toThrow()
  })

  it('of this project hold bugs that can still be planted', async () => {
    for (const bug of await readBugs(ROOT)) {
      expect(() => plantBug(readFileSync(join(ROOT, bug.file), 'utf8'), bug), bug.name).not.toThrow()
    }
  })
})
