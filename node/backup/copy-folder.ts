import { copyFile, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../../base/errors.ts'
import { makeFolder, syncFolder } from '../../base/folders.ts'
import { copyLevel, isLevel, isOfLevel } from './copy-level.ts'

/** What a copy has come to. */
export interface Copied {
  /** Files that were copied, and that stood there already. */
  readonly files: number
  readonly known: number
  /** Of the files that were copied. */
  readonly bytes: number
}

const UNFINISHED = /\.(?:part|tmp)$/
/** Where databases are copied to first: in the folder itself, so that their tables can be linked. */
const STAGE = 'backup-stage'

interface Tally {
  files: number
  known: number
  bytes: number
}

/**
 * Copy a peer's data folder, which may be in use, to a folder that may hold an earlier copy: what is there with the same size
 * and time is not copied again, what the peer has no longer stays, databases are replaced whole. All of it is on stable storage
 * once this resolves.
 */
export async function copyDataFolder(from: string, to: string): Promise<Copied> {
  const tally = { files: 0, known: 0, bytes: 0 }
  const stage = join(from, STAGE)
  try {
    await copyInto(from, to, { tally, stage })
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
  return tally
}

interface Job {
  readonly tally: Tally
  readonly stage: string
}

async function copyInto(from: string, to: string, job: Job): Promise<void> {
  await makeFolder(to)
  const entries = await readdir(from, { withFileTypes: true })
  const names = entries.map(({ name }) => name)
  const level = isLevel(names)
  if (level) await copyDatabase(from, to, job)
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (source === job.stage || UNFINISHED.test(entry.name) || (level && isOfLevel(entry.name))) continue
    if (entry.isDirectory()) await copyInto(source, target, job)
    else if (entry.isFile()) await copyOne(source, target, job)
  }
  await syncFolder(to)
}

/**
 * Replace an earlier copy of a database. Tables and logs come first, then the list of them, then the name of the list: cut off
 * anywhere, what stands there is the earlier copy or the new one.
 */
async function copyDatabase(from: string, to: string, { tally, stage }: Job): Promise<void> {
  await copyLevel(from, stage)
  const names = await readdir(stage)
  for (const name of names) await copyOne(join(stage, name), join(to, `${name}.part`), { tally, stage })
  for (const name of names.toSorted((a, b) => placeOf(a) - placeOf(b))) {
    await rename(join(to, `${name}.part`), join(to, name))
  }
  await syncFolder(to)
  for (const old of await readdir(to)) if (isOfLevel(old) && !names.includes(old)) await rm(join(to, old))
}

function placeOf(name: string): number {
  return name === 'CURRENT' ? 2 : Number(name.startsWith('MANIFEST-'))
}

async function copyOne(from: string, to: string, { tally }: Job): Promise<void> {
  try {
    const { size, mtime, mode } = await stat(from)
    const there = await stat(to).catch(() => undefined)
    if (there?.size === size && there.mtimeMs === Math.trunc(mtime.getTime())) {
      tally.known++
      return
    }
    await copyFile(from, to)
    const handle = await open(to, 'r+')
    try {
      await handle.chmod(mode & 0o777)
      await handle.utimes(mtime, mtime)
      await handle.sync()
    } finally {
      await handle.close()
    }
    tally.files++
    tally.bytes += size
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error // dropped, or moved to the trash, since the folder was read
  }
}
