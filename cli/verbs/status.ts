import type { Command } from 'commander'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withUser } from '../config/open-configured.ts'
import { createReport } from '../console/report.ts'

/** `sfmedir status`: how the network stands. */
export function register(program: Command): void {
  withSettings(program.command('status'))
    .description('peers that answer, and how many images are healthy, degraded or unreadable')
    .option('--json', 'one JSON object on stdout')
    .action(async (flags: Record<string, unknown>) => {
      const config = loadConfig(flags)
      const report = createReport({ json: flags.json === true })
      await withUser(config, async user => {
        const { images, healthy, degraded, unreadable, masters, slaves } = await user.status()
        const peers = [
          ...masters.map(master => ({ role: 'master', ...master })),
          ...slaves.map(slave => ({ role: 'slave', ...slave }))
        ]
        const lines = peers.map(({ role, peer, alive, ...rest }) => {
          const numbers = Object.entries(rest).map(([name, value]) => `${name} ${value}`)
          return `${role.padEnd(6)}  ${peer}  ${alive ? 'up  ' : 'down'}  ${numbers.join('  ')}`
        })
        const summary = `${images} images: ${healthy} healthy, ${degraded} degraded, ${unreadable} unreadable`
        report.result({ peers, images, healthy, degraded, unreadable }, [summary, ...lines])
      })
    })
}
