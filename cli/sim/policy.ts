import type { Command } from 'commander'
import { choosePolicy, type PolicyRow } from '../../sim/statistics/policy.ts'
import { probability } from '../../sim/report/format-number.ts'
import { createReport } from '../console/report.ts'
import { number } from './read-options.ts'

const SHOWN = 8

/** `sfmedir sim policy`: which (r, s) to choose, with its cost. */
export function register(sim: Command): void {
  sim
    .command('policy')
    .description('the (r, s) that meet a target, cheapest first, and the presets')
    .option('--target <p>', 'largest probability that an image cannot be read', number, 1e-6)
    .option('--p <p>', 'probability that a slave is down', number, 0.1)
    .option('--max-slaves <n>', 'the most shadows an image may have', number, 30)
    .option('--json', 'one JSON object a line on stdout')
    .action(({ target, p, maxSlaves, json }) => {
      const { best, presets } = choosePolicy({ target, p, maxSlaves })
      const report = createReport({ json })
      if (json) for (const row of [...best, ...presets]) report.result(row, '')
      report.say([`An image may be unreadable with ${probability(target)} at most; a slave is down with ${p}.`, ''])
      report.say(
        best.length === 0
          ? `No (r, s) with s up to ${maxSlaves} meets that.`
          : ['Cheapest first:', HEAD, ...best.slice(0, SHOWN).map(line)]
      )
      report.say(['', 'Presets:', HEAD, ...presets.map(line)])
    })
}

const HEAD = `${''.padEnd(9)} ${'(r, s)'.padEnd(9)} ${'unreadable'.padStart(10)} ${'nines'.padStart(6)} ${'storage'.padStart(8)} ${'paper scheme'.padStart(13)}  target`

function line({ name, r, s, failure, nines, storage, storagePaper, meetsTarget }: PolicyRow): string {
  const columns = [
    name.padEnd(9),
    `(${r}, ${s})`.padEnd(9),
    probability(failure).padStart(10),
    nines.toFixed(1).padStart(6),
    `${storage.toFixed(2)} x`.padStart(8),
    `${storagePaper.toFixed(2)} x`.padStart(13)
  ]
  return `${columns.join(' ')}  ${meetsTarget ? 'met' : 'missed'}`
}
