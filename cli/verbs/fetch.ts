import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
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
    .addOption(
      new Option('--mode <octal>', 'who may read them, as chmod has it').argParser(readMode).default(0o600, '0600')
    )
    .option('--json', 'one JSON object a line on stdout')
    .action(async (given: string[], flags: Record<string, unknown> & { out: string; mode: number }) => {
      const ids = readIds(given)
      const config = loadConfig(flags)
      const report = createReport({ json: flags.json === true })
      await withUser(config, user =>
        forEachId(ids, report, async id => {
          const bytes = await user.fetch(id)
          const file = join(resolve(flags.out), `${id}${extensionOf(bytes)}`)
          writeNew(file, bytes, { overwrite: flags.force === true, mode: flags.mode })
          report.result({ id, file, bytes: bytes.length }, `${id}  ${bytes.length} bytes  ${file}`)
        })
      )
    })
}

function extensionOf(bytes: Uint8Array): string {
  const format = sniffFormat(bytes)
  return format === undefined ? '.bin' : EXTENSIONS[format]
}

function readMode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8)
  throw new InvalidArgumentError('three octal digits such as 0644 are wanted.')
}
