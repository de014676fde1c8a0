import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { NetError, systemCode } from '../../base/errors.ts'

/** The version of `result.json`: another one is refused, not guessed at. */
export const RESULT_FORMAT = 1

/** What every `result.json` starts with. */
export interface ResultHead {
  readonly format: typeof RESULT_FORMAT
  /** Which simulation made it. */
  readonly kind: string
  /** The package's version. */
  readonly version: string
  readonly seed: string | number
  readonly config: object
}

/** Make sure, before a long run, that files can be written to a folder. @throws NetError `FILE_UNWRITABLE` */
export function prepareFolder(folder: string): void {
  try {
    // Not the recursive form for one level: it was seen never to return below /proc.
    if (!existsSync(folder)) mkdirSync(folder, { recursive: !existsSync(dirname(folder)) })
    if (!statSync(folder).isDirectory()) throw new Error('it is not a folder')
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new NetError('FILE_UNWRITABLE', `${folder} cannot be written: ${systemCode(cause)}`, { cause })
  }
}

/** Write files, by name, into a folder. @throws NetError `FILE_UNWRITABLE` */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  prepareFolder(folder)
  for (const [name, content] of Object.entries(files)) {
    try {
      writeFileSync(join(folder, name), content)
    } catch (cause) {
      throw new NetError('FILE_UNWRITABLE', `${join(folder, name)} cannot be written: ${systemCode(cause)}`, { cause })
    }
  }
}

/** Read a `result.json` again. @throws NetError `FILE_UNREADABLE`, `RESULT_INVALID` also when it is of another version */
export function readResult(path: string): ResultHead & Readonly<Record<string, unknown>> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new NetError('FILE_UNREADABLE', `${path} cannot be read: ${systemCode(cause)}`, { cause })
  }
  let result: unknown
  try {
    result = JSON.parse(text)
  } catch (cause) {
    throw new NetError('RESULT_INVALID', `${path} is not JSON`, { cause })
  }
  if (typeof result !== 'object' || result === null || !('format' in result) || !('kind' in result)) {
    throw new NetError('RESULT_INVALID', `${path} is not a result of this simulator`)
  }
  if (result.format !== RESULT_FORMAT) {
    throw new NetError('RESULT_INVALID', `${path} is of format ${result.format}, this version reads ${RESULT_FORMAT}`)
  }
  return result as ResultHead & Readonly<Record<string, unknown>> // its head was checked
}

/** Rows as CSV, the columns in the order of the first row. */
export function csvOf(rows: readonly object[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const cell = (value: unknown): string => (/[",\n]/.test(String(value)) ? JSON.stringify(value) : String(value))
  return [columns, ...rows.map(row => Object.values(row))].map(line => `${line.map(cell).join(',')}\n`).join('')
}
