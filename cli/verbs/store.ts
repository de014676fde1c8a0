import { basename } from 'node:path'
import type { Command } from 'commander'
import { asError, isNetError } from '../../base/errors.ts'
import type { BatchItem, StoredImage } from '../../node/client/owner.ts'
import { collectFiles, type InputFile } from '../console/collect-files.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withClient } from '../config/open-configured.ts'
import { createReport, type Report } from '../console/report.ts'
import { EXIT } from '../console/run-verb.ts'

/** `sfmedir store PATH...`: encrypt, hash and store images. */
export function register(program: Command): void {
  withSettings(program.command('store <path...>'))
    .description('store images: files, folders, globs, or - for standard input')
    .option('--label <text...>', 'labels that go, sealed, with every image')
    .option('--json', 'one JSON object a line on stdout')
    .action(async (paths: string[], flags: Record<string, unknown>) => {
      const config = loadConfig(flags)
      const report = createReport({ json: flags.json === true })
      const files = collectFiles(paths, { maxBytes: config.maxImageBytes })
      const labels = (flags.label as string[] | undefined) ?? [] // commander collects strings
      const tally = new Tally(report, files.length)
      await withClient(config, 'owner', async ({ owner }) => {
        const sent: string[] = []
        if (owner === undefined) return
        for await (const result of owner.storeMany(readable(files, { labels, sent, tally }))) {
          const path = sent.shift() ?? ''
          if ('stored' in result) tally.stored(path, result.stored)
          else tally.failed(path, result.error)
        }
      })
      tally.close()
    })
}

/** The files that can be read, one after the other; `sent` notes which, since results come in that order. */
async function* readable(
  files: readonly InputFile[],
  { labels, sent, tally }: { labels: string[]; sent: string[]; tally: Tally }
): AsyncGenerator<BatchItem> {
  for (const file of files) {
    let bytes: Uint8Array
    try {
      bytes = await file.read()
    } catch (error) {
      tally.failed(file.path, asError(error))
      continue
    }
    sent.push(file.path)
    yield { bytes, name: basename(file.path), labels }
  }
}

/** Counts what became of the files, and says it. Nothing is skipped silently. */
class Tally {
  readonly #report: Report
  readonly #files: number
  #done = 0
  #failed = 0

  constructor(report: Report, files: number) {
    this.#report = report
    this.#files = files
  }

  stored(file: string, { image, space, total, holders }: StoredImage): void {
    const value = { file, id: image, bits: space.bits, total, holders }
    this.#report.result(value, `${image}  ${space.bits} bits  ${total} shadows on ${holders.length} slaves  ${file}`)
    this.#step()
  }

  failed(file: string, error: Error): void {
    const code = isNetError(error) ? error.code : 'INTERNAL'
    this.#report.warn(`sfmedir: ${code}: ${file}: ${error.message}`)
    this.#failed++
    this.#step()
  }

  close(): void {
    if (this.#failed === 0) return
    this.#report.warn(`${this.#failed} of ${this.#files} not stored`)
    process.exitCode = EXIT.failed
  }

  #step(): void {
    this.#report.progress(`${++this.#done} of ${this.#files}`)
  }
}
