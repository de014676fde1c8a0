import { basename } from 'node:path'
import type { Command } from 'commander'
import { pipe } from 'it-pipe'
import { asError, isNetError } from '../../base/errors.ts'
import type { BatchItem, BatchResult, StoredImage } from '../../node/client/stored-image.ts'
import { collectFiles, type InputFile } from '../console/collect-files.ts'
import { loadConfig, withSettings } from '../config/load-config.ts'
import { withOwner } from '../config/open-configured.ts'
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
      await withOwner(config, owner =>
        pipe(
          files,
          source => readable(source, { labels, tally }),
          items => owner.storeMany(items),
          results => tellEach(results, tally)
        )
      )
      tally.close()
    })
}

interface FileItem extends BatchItem {
  readonly path: string
}

/** The files that can be read, one after the other. */
async function* readable(
  files: Iterable<InputFile>,
  { labels, tally }: { labels: string[]; tally: Tally }
): AsyncGenerator<FileItem> {
  for (const { path, read } of files) {
    try {
      yield { path, bytes: await read(), name: basename(path), labels }
    } catch (error) {
      tally.failed(path, asError(error))
    }
  }
}

async function tellEach(results: AsyncIterable<BatchResult<FileItem>>, tally: Tally): Promise<void> {
  for await (const result of results) {
    if ('stored' in result) tally.stored(result.item.path, result.stored)
    else tally.failed(result.item.path, result.error)
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

  stored(file: string, { id, space, total, holders }: StoredImage): void {
    const value = { file, id, bits: space.bits, total, holders }
    this.#report.result(value, `${id}  ${space.bits} bits  ${total} shadows on ${holders.length} slaves  ${file}`)
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
