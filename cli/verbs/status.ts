import type { Command } from 'commander'
import type { User } from '../../node/client/user.ts'
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
        const { masters, slaves, owners, ...counts } = await user.status()
        const { ageMs, images, healthy, degraded, unreadable } = counts
        const peers = [
          ...masters.map(master => ({ role: 'master', ...master })),
          ...slaves.map(slave => ({ role: 'slave', ...slave }))
        ]
        const lines = peers.map(({ role, peer, alive, ...rest }) => {
          const numbers = Object.entries(rest).map(([name, value]) => `${name} ${value}`)
          return `${role.padEnd(6)}  ${peer}  ${alive ? 'up  ' : 'down'}  ${numbers.join('  ')}`
        })
        const stored = owners.map(({ peer, images, bytes, quotaImages = '-', quotaBytes = '-' }) => {
          return `owner   ${peer}  images ${images} of ${quotaImages}  bytes ${bytes} of ${quotaBytes}`
        })
        const age = ageMs < 1000 ? '' : `, ${(ageMs / 1000).toFixed(0)} s ago`
        const summary = `${images} images: ${healthy} healthy, ${degraded} degraded, ${unreadable} unreadable${age}`
        report.result({ peers, owners, ...counts }, [summary, ...warnings(counts, slaves), ...lines, ...stored])
      })
    })
}

type Status = Awaited<ReturnType<User['status']>>

/** What somebody has to look at. */
function warnings(
  {
    auditFailures,
    unknownShadows,
    behind,
    repair,
    coverage
  }: Pick<Status, 'auditFailures' | 'unknownShadows' | 'behind' | 'repair' | 'coverage'>,
  slaves: Status['slaves']
): string[] {
  const said = []
  if (coverage !== undefined) said.push(`this master has ${coverage / 10} % of the index so far: it is catching up`)
  if (behind) {
    said.push('this master is behind: slaves hold much that its index does not know; it has nothing of it dropped')
  }
  if (auditFailures > 0)
    said.push(`${auditFailures} shadows failed their audit: sfmedir verify says which, on which slave`)
  if (unknownShadows > 0) said.push(`${unknownShadows} shadows are of images that this master's index does not know`)
  const { waiting, nearest, failing, repaired, alone } = repair
  if (waiting > 0) {
    const left =
      nearest === undefined ? 'none has lost a shadow' : `the one nearest to loss may lose ${nearest} more shadows`
    said.push(`repair: ${waiting} images wait, ${left}; ${repaired} shared anew, ${failing} failed and are tried again`)
    if (alone) said.push('repair: nothing is shared anew without a second master')
  }
  for (const { peer, leaving, images } of slaves) {
    if (leaving)
      said.push(
        images > 0
          ? `slave ${peer} leaves: ${images} images still lie on it`
          : `slave ${peer} may go: no image lies on it`
      )
  }
  for (const { peer, refusedDrops } of slaves) {
    if (refusedDrops > 0) said.push(`slave ${peer} refused ${refusedDrops} drops in an hour: a master runs away`)
  }
  return said
}
