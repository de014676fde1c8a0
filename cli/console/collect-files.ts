import { globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { concat } from 'uint8arrays/concat'
import { NetError, systemCode } from '../../base/errors.ts'

/** One input of a verb: where it came from, and its bytes when asked for. */
export interface InputFile {
  /** The path as found, or `-` for standard input. */
  readonly path: string
  /** @throws NetError `FILE_UNREADABLE`, `IMAGE_TOO_LARGE` (judged by its size, before it is read) */
  read(): Promise<Uint8Array>
}

/**
 * The files behind paths, folders (walked to the bottom, hidden names left out), globs and `-` (standard input), each
 * once, in the order named and sorted within a folder.
 * @throws NetError `FILE_UNREADABLE` for a path that matches nothing
 */
export function collectFiles(paths: readonly string[], { maxBytes }: { maxBytes: number }): InputFile[] {
  const found = new Set(paths.flatMap(path => (path === '-' ? [path] : expand(path))))
  return [...found].map(path => ({ path, read: () => (path === '-' ? readStdin(maxBytes) : readFile(path, maxBytes)) }))
}

function expand(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isDirectory()) return walk(path)
  if (stat !== undefined) return [path]
  const matches = globSync(path).sort()
  if (matches.length === 0) throw new NetError('FILE_UNREADABLE', `${path}: no such file, folder or match`)
  return matches.flatMap(expand)
}

function walk(folder: string): string[] {
  let names: string[]
  try {
    names = readdirSync(folder).sort()
  } catch (cause) {
    throw unreadable(folder, cause)
  }
  return names.filter(name => !name.startsWith('.')).flatMap(name => expand(join(folder, name)))
}

async function readFile(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    checkSize(path, statSync(path).size, maxBytes)
    return readFileSync(path)
  } catch (cause) {
    throw cause instanceof NetError ? cause : unreadable(path, cause)
  }
}

async function readStdin(maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of process.stdin) {
    size += chunk.length
    checkSize('-', size, maxBytes)
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

function unreadable(path: string, cause: unknown): NetError {
  return new NetError('FILE_UNREADABLE', `${path} cannot be read (${systemCode(cause)})`, { cause })
}
