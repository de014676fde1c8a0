import { chmod, link, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from './errors.ts'
import { makeFolder, syncFolder } from './folders.ts'

/** How {@link writeWhole} makes a file. */
export interface WriteWholeInit {
  /** Replace a file that exists. */
  readonly overwrite?: boolean
  /** Its permission bits; left out, what the system gives a new file. */
  readonly mode?: number
}

const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'] // of file systems that give a file one name, such as FAT
let parts = 0

/**
 * Write a file whole or not at all, making its folder; resolves once it is on stable storage. A process that is killed meanwhile
 * leaves the file that was there, and perhaps a `.part` beside it. Rejects with the system's error, `EEXIST` when the file is
 * there and may not be replaced.
 */
export async function writeWhole(path: string, content: string | Uint8Array, init: WriteWholeInit = {}): Promise<void> {
  const { overwrite = false, mode } = init
  const part = `${path}.${process.pid}-${parts++}.part`
  await makeFolder(dirname(path))
  try {
    // Not by atomically 2.1: on a full disk it takes a short write for a whole one, and a cut file replaces the old.
    await writeFile(part, content, { flag: 'wx', mode: mode ?? 0o666, flush: true })
    if (mode !== undefined) await chmod(part, mode) // whatever the umask
    await (overwrite ? rename(part, path) : takeName(part, path))
    await syncFolder(dirname(path))
  } finally {
    await rm(part, { force: true })
  }
}

/** Of two at once one is refused. */
async function takeName(part: string, path: string): Promise<void> {
  try {
    await link(part, path)
  } catch (error) {
    if (!NO_LINKS.includes(systemCode(error))) throw error
    await writeFile(path, '', { flag: 'wx' })
    await rename(part, path)
  }
}
