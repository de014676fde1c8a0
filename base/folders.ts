import { mkdir, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { diskError } from './disk-error.ts'

/** Make a folder and those above it, each noted durably in the folder above it. @throws NetError of `diskError` */
export async function makeFolder(folder: string): Promise<void> {
  try {
    const first = await mkdir(folder, { recursive: true })
    if (first === undefined) return
    for (let at = resolve(folder); at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at))
  } catch (error) {
    throw diskError(error)
  }
}

/** Put a folder's list of files on stable storage. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
