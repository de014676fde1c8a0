import type { Command } from 'commander'
import { isNetError, NetError } from '../../base/errors.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withMaster } from '../config/open-configured.ts'
import { peerLog } from '../config/peer-log.ts'
import { createReport, type Report } from '../console/report.ts'
import { EXIT } from '../console/run-verb.ts'
import { wholeNumber } from '../console/whole-number.ts'
import type { Master } from '../../node/master/master.ts'

const WAIT_S = 30 // a slave greets a master that came back within a quarter of a minute

/** `sfmedir rebuild-index`: a master's index, from what slaves keep beside their shadows. */
export function register(program: Command): void {
  withSettings(program.command('rebuild-index'))
    .description("restore a master's index from the slaves, while it is stopped")
    .option('--wait <seconds>', 'for slaves that do not answer yet', wholeNumber(0, 3600), WAIT_S)
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      '\nWhat is in the index stays, and nothing is dropped anywhere. Ends with 1 when an image or a slave is missing.'
    )
    .action(async (flags: Record<string, unknown> & { readonly wait: number }) => {
      const config = loadConfig(flags)
      const report = createReport({ json: flags.json === true })
      try {
        await withMaster(config, peerLog(config.log, 'warn').log, master => rebuild(master, flags.wait * 1000, report))
      } catch (error) {
        if (!isNetError(error, 'STORE_LOCKED')) throw error
        const message = 'the master runs, and learns from slaves by itself: stop it first to see what is missing'
        throw new NetError('STORE_LOCKED', message, { cause: error })
      }
    })
}

async function rebuild(master: Master, waitMs: number, report: Report): Promise<void> {
  const onSlave = (slave: string, images: number): void => report.say(`${slave}  read, ${images} images`)
  const { before, images, slaves, silent, missing } = await master.rebuildIndex({ waitMs, onSlave })
  const restored = images - before
  const lines = [
    `${images} images in the index, ${restored} of them restored; ${slaves.length} slaves read`,
    ...silent.map(({ slave, reason }) => `slave ${slave} was not read: ${reason}`),
    ...missing.map(({ image, reason }) => `image ${image} has shadows and no record: ${WHY[reason] ?? reason}`)
  ]
  report.result({ before, images, restored, slaves, silent, missing }, lines)
  if (silent.length > 0 || missing.length > 0) process.exitCode = EXIT.failed
}

const WHY: Readonly<Record<string, string>> = {
  SHADOW_MISSING: 'no slave that was read keeps one (its store was never acknowledged, or a slave is missing)',
  KEY_WRONG: 'these keys did not seal it, or it was altered (KEY_WRONG)',
  PROOF_INVALID: 'it does not prove what it says (PROOF_INVALID)',
  SIGNATURE_INVALID: 'a signature in it is not valid (SIGNATURE_INVALID)',
  NOT_PERMITTED: 'the roster does not give its signers their roles (NOT_PERMITTED)'
}
