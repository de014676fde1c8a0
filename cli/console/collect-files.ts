import { globSync, lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { NetError, systemCode } from '../../base/errors.ts'
import { readAtMost, readHead, unreadable } from './read-at-most.ts'

/** One input of a verb: where it came from, and its bytes when asked for. */
export interface InputFile {
  /** The path as found, or `-` for standard input. */
  readonly path: string
  /** Found in a folder that was walked, not named itself. */
  readonly isWalked: boolean
  /** Its size as the system says it; undefined for all but files. */
  readonly bytes: number | undefined
  /** Its first bytes, at most 256, of a file that can be read; undefined for all else. */
  head(): Uint8Array | undefined
  /** @throws NetError `FILE_UNREADABLE`, `IMAGE_TOO_LARGE` (a file by its size, all else by the first byte too many) */
  read(): Promise<Uint8Array>
}

/** What {@link collectFiles} found. */
export interface Collected {
  readonly files: readonly InputFile[]
  /** Names in folders that start with a dot, and were left out. */
  readonly hidden: number
}

/** A path, as text and as the system takes it, and why it cannot be read when that is known already. */
interface Found {
  readonly path: string
  /** Bytes where the name is not UTF-8. */
  readonly at: string | Buffer
  readonly isWalked: boolean
  readonly stat?: Stats
  readonly why?: string
}

/**
 * The files behind paths, folders (walked to the bottom, hidden names left out), globs and `-` (standard input), each
 * once, in the order named and sorted within a folder. What cannot be read in a folder (a dangling link, a link to a
 * folder above it, a FIFO, a device) is among them and says so when it is read. A FIFO or device named itself is read.
 * @throws NetError `FILE_UNREADABLE` for a path that matches nothing
 */
export function collectFiles(paths: readonly string[], { maxBytes }: { maxBytes: number }): Collected {
  const walker = new Walker()
  const found = new Map(paths.flatMap(path => walker.named(path)).map(each => [each.at.toString('latin1'), each]))
  const files = [...found.values()].map(({ path, at, stat, why, isWalked }): InputFile => {
    const isFile = why === undefined && stat?.isFile() === true
    return {
      path,
      isWalked,
      bytes: isFile ? stat?.size : undefined,
      head: () => (isFile ? readHead(at) : undefined),
      read: async () => {
        if (why !== undefined) throw unreadable(path, why)
        return readAtMost({ path, at }, maxBytes)
      }
    }
  })
  return { files, hidden: walker.hidden }
}

/** Walks folders, and counts what it leaves out. */
class Walker {
  hidden = 0

  /** All that a path stands for. */
  named(path: string): Found[] {
    if (path === '-') return [{ path, at: path, isWalked: false }]
    const stat = look(path, statSync)
    if (typeof stat !== 'string' && !stat.isDirectory()) return [{ path, at: path, stat, isWalked: false }]
    if (stat !== 'ENOENT' || look(path, lstatSync) !== 'ENOENT') return this.#walk(path, [])
    const matches = globSync(path).sort()
    if (matches.length === 0) throw new NetError('FILE_UNREADABLE', `${path}: no such file, folder or match`)
    return matches.flatMap(match => this.#walk(match, []))
  }

  /** What lies at `at`, itself within the folders `above`. */
  #walk(at: string | Buffer, above: readonly string[]): Found[] {
    const found = { path: at.toString('utf8'), at, isWalked: above.length > 0 }
    const stat = look(at, statSync)
    if (typeof stat === 'string') return [{ ...found, why: stat }]
    if (stat.isFile()) return [{ ...found, stat }]
    if (!stat.isDirectory()) return [{ ...found, why: 'not a file' }]
    try {
      const folder = realpathSync(at, 'latin1')
      if (above.includes(folder)) return [{ ...found, why: 'a link to a folder above it' }]
      const names = readdirSync(at, { encoding: 'buffer' }).sort(Buffer.compare)
      const shown = names.filter(name => name[0] !== DOT)
      this.hidden += names.length - shown.length
      return shown.flatMap(name => this.#walk(within(at, name), [...above, folder]))
    } catch (error) {
      return [{ ...found, why: systemCode(error) }]
    }
  }
}

const DOT = '.'.charCodeAt(0)

/** The path of a name in a folder: text where it is UTF-8, else the bytes themselves. */
function within(folder: string | Buffer, name: Buffer): string | Buffer {
  const before = Buffer.from(folder)
  const slash = before.at(-1) === '/'.charCodeAt(0) ? '' : '/'
  const path = Buffer.concat([before, Buffer.from(slash), name])
  const text = path.toString('utf8')
  return Buffer.from(text).equals(path) ? text : path
}

/** What the system says of a path, or the code of its error. */
function look(path: string | Buffer, stat: (path: string | Buffer) => Stats): Stats | string {
  try {
    return stat(path)
  } catch (error) {
    return systemCode(error)
  }
}
