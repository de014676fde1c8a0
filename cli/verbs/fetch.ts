import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { sniffFormat } from '../../hashing/sniff-format.ts'
import { forEachId, readIds } from '../console/each-id.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withUser } from '../config/open-configured.ts'
import { createReport } from '../console/report.ts'
import { writeNew } from '../console/write-file.ts'

const EXTENSIONS = Object.freeze({ jpeg: '.jpg', png: '.png', dicom: '.dcm', tiff: '.tif', webp: '.webp' })

/** `sfmedir fetch ID...`: stored images, rebuilt and decrypted, as files. */
export function register(program: Command): void {
  withSettings(program.command('fetch <id...>'))
    .description('fetch images by their ids, byte for byte as they were stored')
    .option('--out <dir>', 'folder to write to', '.')
    .option('--force', 'replace files that exist')
    .option('--json', 'one JSON object a line on stdout')
    .action(async (given: string[], flags: Record<string, unknown> & { out: string }) => {
      const ids = readIds(given)
      const config = loadConfig(flags)
      const report = createReport({ json: flags.json === true })
      await withUser(config, user =>
        forEachId(ids, report, async id => {
          const bytes = await user.fetch(id)
          const file = join(resolve(flags.out), `${id}${extensionOf(bytes)}`)
          writeNew(file, bytes, { overwrite: flags.force === true })
          report.result({ id, file, bytes: bytes.length }, `${id}  ${bytes.length} bytes  ${file}`)
        })
      )
    })
}

function extensionOf(bytes: Uint8Array): string {
  const format = sniffFormat(bytes)
  return format === undefined ? '.bin' : EXTENSIONS[format]
}
