import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { NetError, systemCode } from '../../base/errors.ts'

/** How {@link writeNew} makes a file. */
export interface WriteNewInit {
  /** Replace a file that exists. */
  readonly overwrite?: boolean
  /** Its permission bits; left out, what the system gives a new file. */
  readonly mode?: number
}

/** Write a file whole or not at all, making its folder. @throws NetError `FILE_UNWRITABLE`, also when it exists already */
export function writeNew(path: string, content: string | Uint8Array, init: WriteNewInit = {}): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    replace(path, content, init)
  } catch (cause) {
    const code = systemCode(cause)
    const why = code === 'EEXIST' ? 'it exists already' : code
    throw new NetError('FILE_UNWRITABLE', `${path} cannot be written: ${why}`, { cause })
  }
}

// Not by atomically 2.1: on a full disk it takes a short write for a whole one, and a cut file replaces the old.
function replace(path: string, content: string | Uint8Array, { overwrite = false, mode }: WriteNewInit): void {
  const part = `${path}.${process.pid}.part`
  rmSync(part, { force: true }) // of a process that was killed
  try {
    writeFileSync(part, content, { flag: 'wx', mode: mode ?? 0o666, flush: true })
    if (mode !== undefined) chmodSync(part, mode) // whatever the umask
    if (!overwrite) writeFileSync(path, '', { flag: 'wx' }) // takes the name: of two at once one is refused
    renameSync(part, path)
  } finally {
    rmSync(part, { force: true })
  }
}
