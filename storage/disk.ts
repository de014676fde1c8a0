import { constants } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, rm, rmdir, statfs } from 'node:fs/promises'
import { systemCode } from '../base/errors.ts'
import { makeFolder, syncFolder } from '../base/folders.ts'

/** The file operations of a {@link DiskShadowStore}: the machine's, or, in tests, one that fails when told. */
export interface Disk {
  /** Make a folder and those above it, durably. */
  makeFolder(path: string): Promise<void>
  /** Make a folder and those above it, not yet durably. */
  addFolder(path: string): Promise<void>
  /** Reject unless files can be made in this folder. */
  checkWritable(folder: string): Promise<void>
  /** Write a file anew; resolves once its bytes are on stable storage. */
  write(path: string, bytes: Uint8Array): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** Put a folder's list of files on stable storage. */
  syncFolder(folder: string): Promise<void>
  read(path: string): Promise<Uint8Array>
  /** Remove a file; nothing happens when it is not there. */
  remove(path: string): Promise<void>
  /** Remove a folder if it is empty; nothing happens when it is not, or is not there. */
  removeEmpty(folder: string): Promise<void>
  /** Names in a folder, in order; none when it is not there. */
  names(folder: string): Promise<string[]>
  /** Bytes that may still be written to the file system of this folder. */
  freeBytes(folder: string): Promise<number>
}

/** The machine's disk. */
export const systemDisk: Disk = Object.freeze({
  makeFolder,
  async addFolder(path: string): Promise<void> {
    await mkdir(path, { recursive: true })
  },
  checkWritable: (folder: string) => access(folder, constants.R_OK | constants.W_OK | constants.X_OK),
  async write(path: string, bytes: Uint8Array): Promise<void> {
    const handle = await open(path, 'w', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  rename,
  syncFolder,
  read: (path: string) => readFile(path),
  remove: (path: string) => rm(path, { force: true }),
  removeEmpty: (folder: string) => ignoring(rmdir(folder), undefined, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'),
  names: async (folder: string) => (await ignoring(readdir(folder), [], 'ENOENT', 'ENOTDIR')).sort(),
  async freeBytes(folder: string): Promise<number> {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  }
})

/** Remove files after a failure, which is the one to tell: what cannot be removed now, the next start removes. */
export async function removeQuietly(disk: Disk, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) await disk.remove(path).catch(() => undefined)
}

async function ignoring<T>(work: Promise<T>, instead: T, ...codes: readonly string[]): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (codes.includes(systemCode(error))) return instead
    throw error
  }
}
