import type { Command } from 'commander'
import { type PeerId, peerId } from '../../base/ids.ts'
import type { User } from '../../node/client/user.ts'
import type { JudgedImage } from '../../node/client/verify-images.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withUser } from '../config/open-configured.ts'
import { asArgument } from '../console/as-argument.ts'
import { createReport, type Report } from '../console/report.ts'

interface VerifyFlags {
  deep?: boolean
  owner?: PeerId
  json?: boolean
}

/** `sfmedir verify`: how every stored image stands, found out now. */
export function register(program: Command): void {
  withSettings(program.command('verify'))
    .description(
      'have a master judge all stored images now: which are healthy, and what the others lack, on which slave'
    )
    .option('--deep', 'slaves prove every shadow from their disks, instead of listing them')
    .option('--owner <peer>', 'only images of this owner', asArgument(peerId))
    .option('--json', 'one JSON object a line on stdout, the counts last')
    .action(async (flags: VerifyFlags) => {
      const config = loadConfig({ ...flags })
      const report = createReport(flags)
      await withUser(config, user => verify(user, flags, report))
    })
}

async function verify(user: User, { deep, owner }: VerifyFlags, report: Report): Promise<void> {
  const count = { images: 0, healthy: 0, degraded: 0, unreadable: 0, missing: 0, wrong: 0, silent: 0 }
  for await (const image of user.verify({ deep, owner })) {
    count.images++
    count[image.state]++
    for (const { fault } of image.faults) count[fault]++
    if (report.json || image.state !== 'healthy') report.result(image, linesOf(image))
    report.progress(`${count.images} images`)
  }
  const { images, healthy, degraded, unreadable, missing, wrong, silent } = count
  report.result(count, [
    `${images} images: ${healthy} healthy, ${degraded} degraded, ${unreadable} unreadable`,
    `shadows: ${missing} missing, ${wrong} wrong, ${silent} on slaves that do not answer`,
    ...(deep === true ? [] : ['by what slaves list; --deep has each shadow proven from its disk'])
  ])
}

function linesOf({ image, state, total, faults }: JudgedImage): string[] {
  const why = faults.map(({ slave, number, fault }) => `  shadow ${number} ${fault.padEnd(7)} ${slave}`)
  return [`${image}  ${state}  ${total - faults.length} of ${total} shadows`, ...why]
}
