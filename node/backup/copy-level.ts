import { copyFile, link, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { NetError, systemCode } from '../../base/errors.ts'

const TABLE = /\.(?:ldb|sst)$/ // written once, never changed
const LOG = /^\d+\.log$/ // grows at its end
const TRIES = 50

/** Whether a folder holds a LevelDB. */
export function isLevel(names: readonly string[]): boolean {
  return names.includes('CURRENT')
}

/** Whether a file of a LevelDB folder belongs to the database; its lock and its own log of events do not, and are not copied. */
export function isOfLevel(name: string): boolean {
  return (
    TABLE.test(name) ||
    LOG.test(name) ||
    name === 'CURRENT' ||
    name === 'LOCK' ||
    /^(?:MANIFEST-|LOG(?:\.old)?$)|\.dbtmp$/.test(name)
  )
}

/**
 * Copy a LevelDB that another process may be writing to: what was acknowledged before the call is in the copy, and of what comes
 * meanwhile a beginning. Tables are linked, so that they stay while the rest is copied; a copy during which the list of tables
 * (the manifest) changed is thrown away and made anew.
 * @param to a folder of the same file system as `from`; made anew
 * @param copy how a file is copied; tests pass one during which the database changes
 * @throws NetError `BUSY` when the list changed in each of 50 tries; the system's errors
 */
export async function copyLevel(from: string, to: string, copy: typeof copyFile = copyFile): Promise<void> {
  for (let left = TRIES; left > 0; left--) {
    await rm(to, { recursive: true, force: true })
    await mkdir(to, { recursive: true, mode: 0o700 })
    if (await tryCopy(from, to, copy)) return
  }
  throw new NetError('BUSY', 'the database is rewritten faster than it can be copied: try again')
}

/** False when the list of tables changed meanwhile. */
async function tryCopy(from: string, to: string, copy: typeof copyFile): Promise<boolean> {
  try {
    const before = await manifestOf(from)
    await copy(join(from, before.name), join(to, before.name))
    await copy(join(from, 'CURRENT'), join(to, 'CURRENT'))
    for (const name of await readdir(from)) {
      if (TABLE.test(name)) await linkOrCopy(join(from, name), join(to, name))
      else if (LOG.test(name)) await copy(join(from, name), join(to, name))
    }
    const after = await manifestOf(from)
    const copied = await stat(join(to, before.name))
    return after.name === before.name && after.size === before.size && copied.size === before.size
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false // a table or log that was merged away
    throw error
  }
}

async function manifestOf(folder: string): Promise<{ readonly name: string; readonly size: number }> {
  const name = (await readFile(join(folder, 'CURRENT'), 'utf8')).trim()
  return { name, size: (await stat(join(folder, name))).size }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw error
    await copyFile(from, to) // a file system that gives a file one name
  }
}
