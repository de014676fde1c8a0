import { createReadStream, globSync, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { concat } from 'uint8arrays/concat'
import { NetError, systemCode } from '../../base/errors.ts'

/** One input of a verb: where it came from, and its bytes when asked for. */
export interface InputFile {
  /** The path as found, or `-` for standard input. */
  readonly path: string
  /** @throws NetError `FILE_UNREADABLE`, `IMAGE_TOO_LARGE` (a file by its size, all else by the first byte too many) */
  read(): Promise<Uint8Array>
}

/** A path, and why it cannot be read when that is known already. */
interface Found {
  readonly path: string
  readonly why?: string
}

/**
 * The files behind paths, folders (walked to the bottom, hidden names left out), globs and `-` (standard input), each
 * once, in the order named and sorted within a folder. What cannot be read in a folder (a dangling link, a link to a
 * folder above it, a FIFO, a device) is among them and says so when it is read. A FIFO or device named itself is read.
 * @throws NetError `FILE_UNREADABLE` for a path that matches nothing
 */
export function collectFiles(paths: readonly string[], { maxBytes }: { maxBytes: number }): InputFile[] {
  const found = new Map(paths.flatMap(named).map(({ path, why }) => [path, why]))
  return [...found].map(([path, why]) => ({ path, read: () => read({ path, why }, maxBytes) }))
}

function named(path: string): Found[] {
  if (path === '-') return [{ path }]
  const stat = look(path, statSync)
  if (typeof stat !== 'string' && !stat.isDirectory()) return [{ path }]
  if (stat !== 'ENOENT' || look(path, lstatSync) !== 'ENOENT') return walk(path, [])
  const matches = globSync(path).sort()
  if (matches.length === 0) throw new NetError('FILE_UNREADABLE', `${path}: no such file, folder or match`)
  return matches.flatMap(match => walk(match, []))
}

/** What lies at `path`, itself within the folders `above`. */
function walk(path: string, above: readonly string[]): Found[] {
  const stat = look(path, statSync)
  if (typeof stat === 'string') return [{ path, why: stat }]
  if (stat.isFile()) return [{ path }]
  if (!stat.isDirectory()) return [{ path, why: 'not a file' }]
  try {
    const folder = realpathSync(path)
    if (above.includes(folder)) return [{ path, why: 'a link to a folder above it' }]
    const names = readdirSync(path).sort()
    return names.filter(name => !name.startsWith('.')).flatMap(name => walk(join(path, name), [...above, folder]))
  } catch (error) {
    return [{ path, why: systemCode(error) }]
  }
}

/** What the system says of a path, or the code of its error. */
function look(path: string, stat: (path: string) => Stats): Stats | string {
  try {
    return stat(path)
  } catch (error) {
    return systemCode(error)
  }
}

async function read({ path, why }: Found, maxBytes: number): Promise<Uint8Array> {
  if (why !== undefined) throw unreadable(path, why)
  try {
    if (path === '-') return await readAll(path, process.stdin, maxBytes)
    checkSize(path, statSync(path).size, maxBytes)
    return await readAll(path, createReadStream(path, { end: maxBytes }), maxBytes) // `end` is the last byte read
  } catch (cause) {
    throw cause instanceof NetError ? cause : unreadable(path, systemCode(cause), cause)
  }
}

async function readAll(path: string, source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    checkSize(path, size, maxBytes)
    chunks.push(chunk)
  }
  return concat(chunks)
}

function checkSize(path: string, size: number, maxBytes: number): void {
  if (size <= maxBytes) return
  throw new NetError('IMAGE_TOO_LARGE', `${path}: ${size} bytes, more than the ${maxBytes} allowed (maxImageBytes)`, {
    detail: { size, maxBytes }
  })
}

function unreadable(path: string, why: string, cause?: unknown): NetError {
  return new NetError('FILE_UNREADABLE', `${path} cannot be read (${why})`, { cause })
}
