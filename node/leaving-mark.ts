import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { diskError } from '../base/disk-error.ts'
import { systemCode } from '../base/errors.ts'
import { keptFor } from '../base/kept-for.ts'
import { writeWhole } from '../base/write-whole.ts'

const KEPT_MS = 1_000 // it is asked for with every beat of every master

/**
 * Mark the data folder of a slave: it is about to go for good, and says so in every answer to `liveness`, also after a new start;
 * masters put no new shadow there and move its images. May be called while it runs.
 * @throws NetError `STORE_FULL`, `STORE_READ_ONLY`
 */
export async function markLeaving(dataFolder: string): Promise<void> {
  await writeWhole(join(dataFolder, 'leaving'), '', { overwrite: true, mode: 0o600 }).catch(fail)
}

/** Take the mark away: the slave stays, and may be given new shadows. @throws NetError `STORE_READ_ONLY` */
export async function unmarkLeaving(dataFolder: string): Promise<void> {
  await rm(join(dataFolder, 'leaving'), { force: true }).catch(fail)
}

/** Tells, at most a second late, whether a data folder is marked. */
export function leavingMark(dataFolder: string): () => Promise<boolean> {
  return keptFor(KEPT_MS, () => isThere(join(dataFolder, 'leaving')), systemClock)
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw diskError(error)
  }
}

function fail(error: unknown): never {
  throw diskError(error)
}
