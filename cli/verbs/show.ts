import type { Command } from 'commander'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withUser } from '../config/open-configured.ts'
import { forEachId, readIds } from '../console/each-id.ts'
import { createReport } from '../console/report.ts'
import { KeyCheck } from '../images/key-check.ts'
import { imageLines, imageValue } from '../images/show-image.ts'

/** `sfmedir show ID...`: all that is known of stored images. */
export function register(program: Command): void {
  withSettings(program.command('show <id...>'))
    .description('say what is known of images: name, labels, when they were stored, size, state, owner')
    .option('--json', 'one JSON object a line on stdout')
    .action(async (given: string[], flags: { json?: boolean }) => {
      const ids = readIds(given)
      const config = loadConfig({ ...flags })
      const report = createReport(flags)
      const keys = new KeyCheck(config.keys)
      await withUser(config, async user => {
        await forEachId(ids, report, async id => {
          const image = await user.describe(id)
          keys.saw(image)
          report.result(imageValue(image), [...imageLines(image), ''])
        })
        keys.close(report)
      })
    })
}
