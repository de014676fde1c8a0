// `npm run fuzz -- [--minutes N] [--cases N] [--door NAME] [--seed S] [--threads T] [--list]`: puts made inputs before every
// door, `--cases` each (100,000, or any number with `--minutes` alone), in `--minutes` together. `--door` takes the doors whose
// names hold the word. An input that does what none may do is shortened, kept in test/fuzz/corpus/ and tried first ever after.
import { parseArgs } from 'node:util'
import { moduleBeside, openThread } from '../../base/thread.ts'
import { allDoors } from './doors/all.ts'
import type { DoorJob, DoorReport } from './fuzz-worker.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    cases: { type: 'string' },
    door: { type: 'string', default: '' },
    seed: { type: 'string', default: new Date().toISOString() },
    threads: { type: 'string', default: '2' },
    list: { type: 'boolean' }
  }
})

const minutes = values.minutes === undefined ? Number.POSITIVE_INFINITY : Number(values.minutes)
const cases =
  values.cases === undefined
    ? values.minutes === undefined
      ? 100_000
      : Number.POSITIVE_INFINITY
    : Number(values.cases)
const threads = Number(values.threads)
const names = (await allDoors())
  .map(({ name, share = 1 }) => ({ name, share }))
  .filter(({ name }) => name.includes(values.door))

if (values.list) for (const { name } of names) console.log(name)
else if (names.length === 0) {
  console.error(`no door is named ${values.door}; --list names them`)
  process.exitCode = 2
} else await fuzz()

async function fuzz(): Promise<void> {
  console.log(`seed ${values.seed}`)
  const end = performance.now() + minutes * 60_000
  const waiting = [...names]
  const reports: DoorReport[] = []
  const work = async (): Promise<void> => {
    const thread = openThread(moduleBeside(import.meta.url, 'fuzz-worker'), undefined)
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const ms = ((end - performance.now()) * threads) / (waiting.length + threads)
      const job: DoorJob = { door: next.name, seed: values.seed, cases: cases * next.share, ms }
      const report = await thread.run<DoorReport>(job)
      reports.push(report)
      console.log(line(report))
    }
    await thread.close()
  }
  await Promise.all(Array.from({ length: threads }, work))
  const total = reports.reduce((sum, { cases: done }) => sum + done, 0)
  const faults = reports.reduce((sum, report) => sum + report.faults.length, 0)
  console.log(`${total} cases at ${reports.length} doors, ${faults} faults`)
  process.exitCode = faults > 0 ? 1 : 0
}

function line({ door, cases: done, let: entered, seconds, slowestMs, keptBytes, faults }: DoorReport): string {
  const figures = [
    `${done} cases`,
    `${entered} let in`,
    `${Math.round(done / seconds)}/s`,
    `slowest ${slowestMs.toFixed(1)} ms`,
    `${(keptBytes / 2 ** 20).toFixed(1)} MiB stay`
  ]
  return [
    `${door.padEnd(28)} ${figures.join(', ')}`,
    ...faults.map(({ what, file }) => `  FAULT ${what}: ${file}`)
  ].join('\n')
}
