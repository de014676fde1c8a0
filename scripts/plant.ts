// Plants the bugs of test/planted/ one by one in copies of the sources and fails unless the test that each names goes red:
// `npm run planted`, or `npm run planted -- storage disk-write` for those whose name or source contains one of the words.
// `--green REPORT.json` is the test runner's report of these sources: what is green in it is not run without a bug again.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { systemClock } from '../base/clock.ts'
import { chooseBugs, readBugs } from './plant/read-bugs.ts'
import { type Trial, tryBugs } from './plant/try-bugs.ts'
import { report, ROOT } from './sources/sources.ts'

const started = systemClock.monotonic()
const { values, positionals } = parseArgs({ options: { green: { type: 'string' } }, allowPositionals: true })
const green = values.green === undefined ? undefined : JSON.parse(readFileSync(values.green, 'utf8'))
const bugs = chooseBugs(await readBugs(ROOT), positionals)
const onTrial = ({ bug, fault, ms }: Trial): void =>
  console.log(`${fault === undefined ? 'killed' : 'NOT KILLED'} ${bug.name} (${bug.test}, ${(ms / 1000).toFixed(1)} s)`)
const trials = await tryBugs(ROOT, bugs, { copies: availableParallelism(), onTrial, green })
const faults = trials.flatMap(({ bug, fault }) => (fault === undefined ? [] : [`${bug.name}: ${bug.bug}: ${fault}`]))
const seconds = Math.round((systemClock.monotonic() - started) / 1000)
console.log(`${bugs.length} bugs planted, ${bugs.length - faults.length} killed, in ${seconds} s`)
report(faults)
