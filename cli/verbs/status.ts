import type { Command } from 'commander'
import { sleep, systemClock } from '../../base/clock.ts'
import type { User } from '../../node/client/user.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withUser } from '../config/open-configured.ts'
import { asArgument } from '../console/as-argument.ts'
import { createReport, type Report } from '../console/report.ts'
import { statusLines } from '../observe/status-lines.ts'

const CLEAR = '\u001b[H\u001b[2J'

/** `sfmedir status`: how the network stands. */
export function register(program: Command): void {
  withSettings(program.command('status'))
    .description('how many images are healthy, degraded or unreadable, what to do next, and which peers answer')
    .option('--watch [seconds]', 'again and again, every 5 seconds unless told otherwise', asArgument(seconds))
    .option('--json', 'one JSON object on stdout; with --watch one a line')
    .action(async (flags: Record<string, unknown>) => {
      const report = createReport({ json: flags.json === true })
      const pause = flags.watch === true ? 5 : (flags.watch as number | undefined) // what its reader gave
      await withUser(loadConfig(flags), async user => {
        if (pause === undefined) await tell(user, report)
        else for (;;) await tellAgain(user, report, pause)
      })
    })
}

function seconds(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value >= 1 && value <= 3600) return value
  throw new RangeError('seconds from 1 to 3600 are wanted')
}

async function tell(user: User, report: Report): Promise<void> {
  const status = await user.status()
  const { masters, slaves, owners, ...counts } = status
  const peers = [
    ...masters.map(master => ({ role: 'master', ...master })),
    ...slaves.map(slave => ({ role: 'slave', ...slave }))
  ]
  report.result({ peers, owners, ...counts }, statusLines(status))
}

async function tellAgain(user: User, report: Report, pause: number): Promise<void> {
  if (!report.json && process.stdout.isTTY === true) process.stdout.write(CLEAR)
  await tell(user, report)
  await sleep(systemClock, pause * 1000)
}
