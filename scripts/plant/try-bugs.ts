import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { copyProject } from './copy-project.ts'
import { type TestReport, whyNotGreen, whyNotKilled } from './judge.ts'
import { plantBug } from './plant-bug.ts'
import type { PlantedBug } from './planted-bug.ts'
import { runTests } from './run-tests.ts'

/** What became of a planted bug. */
export interface Trial {
  readonly bug: PlantedBug
  /** Why it does not count as killed; undefined when a test killed it. */
  readonly fault?: string
  readonly ms: number
}

/** How bugs are tried. */
export interface TryOptions {
  /** Copies of the project in which bugs are tried at one time. */
  readonly copies: number
  readonly onTrial: (trial: Trial) => void
  /** A report of all tests of the project as it stands; without it those that the bugs name are run first. */
  readonly green?: TestReport
}

const ALL_TESTS_MS = 30 * 60_000

/**
 * Plant each bug in a copy of the project, never in the project itself, and run its test there: it must go red, and must
 * be green without the bug.
 */
export async function tryBugs(root: string, bugs: readonly PlantedBug[], options: TryOptions): Promise<Trial[]> {
  const home = mkdtempSync(join(tmpdir(), 'sfmedir-planted-'))
  try {
    const folders = Array.from({ length: Math.min(options.copies, bugs.length) }, (_, at) => join(home, `copy-${at}`))
    for (const folder of folders) copyProject(root, folder)
    const trials: Trial[] = []
    const told = (trial: Trial): void => {
      trials.push(trial)
      options.onTrial(trial)
    }
    const known = options.green === undefined ? await runNamed(folders[0], bugs) : relativeTo(root, options.green)
    const waiting = await findGreen(folders[0], bugs, known, told)
    await Promise.all(
      folders.map(async folder => {
        for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) told(await tryBug(folder, bug))
      })
    )
    return trials
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** Run the tests that the bugs name without any bug. */
async function runNamed(folder: string, bugs: readonly PlantedBug[]): Promise<TestReport> {
  const whole = new Set(bugs.filter(({ only }) => only === undefined).map(({ test }) => test))
  const named = bugs.filter(({ test }) => !whole.has(test))
  const runs = [
    { files: [...whole], only: [] },
    { files: [...new Set(named.map(({ test }) => test))], only: named.flatMap(({ only = '' }) => only) }
  ]
  const reports = []
  for (const run of runs.filter(({ files }) => files.length > 0)) {
    reports.push(relativeTo(folder, await runTests(folder, { ...run, patienceMs: ALL_TESTS_MS })))
  }
  return { testResults: reports.flatMap(report => report.testResults) }
}

/** Tells of those bugs whose tests are not green without them, gives the others. */
async function findGreen(
  folder: string,
  bugs: readonly PlantedBug[],
  known: TestReport,
  told: (trial: Trial) => void
): Promise<PlantedBug[]> {
  let { testResults } = known
  const faultOf = (bug: PlantedBug): string | undefined =>
    whyNotGreen({ testResults: testResults.filter(({ name }) => name === bug.test) }, bug.only)
  // Beside many others a test may run out of time: it is run once more, alone.
  for (const test of new Set(bugs.filter(faultOf).map(bug => bug.test))) {
    const alone = relativeTo(folder, await runTests(folder, { files: [test], only: [] }))
    testResults = [...testResults.filter(({ name }) => name !== test), ...alone.testResults]
  }
  return bugs.filter(bug => {
    const fault = faultOf(bug)
    if (fault !== undefined) told({ bug, fault, ms: 0 })
    return fault === undefined
  })
}

function relativeTo(root: string, { testResults }: TestReport): TestReport {
  return { testResults: testResults.map(each => ({ ...each, name: relative(root, each.name) })) }
}

async function tryBug(folder: string, bug: PlantedBug): Promise<Trial> {
  const started = systemClock.monotonic()
  const end = (fault?: string): Trial => ({ bug, fault, ms: systemClock.monotonic() - started })
  const path = join(folder, bug.file)
  const source = readFileSync(path, 'utf8')
  try {
    writeFileSync(path, plantBug(source, bug))
    const only = bug.only === undefined ? [] : [bug.only]
    const flags = ['--bail=1', ...(bug.failsWith?.includes('timed out') ? ['--testTimeout=10000'] : [])]
    return end(whyNotKilled(await runTests(folder, { files: [bug.test], only, flags }), bug))
  } catch (error) {
    return end((error as Error).message) // plantBug and runTests throw nothing else
  } finally {
    writeFileSync(path, source)
  }
}
