import type * as fs from 'node:fs/promises'
import { type File, type Folder, type ForgetfulDisk, newFile, newFolder, systemError } from './forgetful-disk.ts'
import { type Place, placeOf } from './mount.ts'

/** What the stores use of an open file or folder. */
interface Handle {
  writeFile(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/**
 * `node:fs/promises` with the forgetful disks among its paths: what base/ and storage/ use of it. Another function of it
 * meets no forgetful disk and fails there.
 */
export function forgetfulFs(real: typeof fs): Record<string, unknown> {
  /** The function of the machine, or ours when its first path lies on a forgetful disk. */
  const either =
    (name: keyof typeof fs, ours: (place: Place, ...rest: never[]) => Promise<unknown>) =>
    (path: string, ...rest: never[]): Promise<unknown> => {
      const place = placeOf(path)
      return place === undefined
        ? (real[name] as (...all: unknown[]) => Promise<unknown>)(path, ...rest)
        : ours(place, ...rest)
    }
  return {
    ...real,
    access: either('access', find),
    realpath: async (path: string) => (placeOf(path) === undefined ? await real.realpath(path) : path),
    mkdir: either('mkdir', makeFolders),
    open: either('open', open),
    readFile: either('readFile', async place => (await fileAt(place)).versions.at(-1)?.bytes.slice()),
    readdir: either('readdir', async place => [...(await folderAt(place)).names.keys()]),
    rename: either('rename', rename),
    rm: either('rm', removeFile),
    rmdir: either('rmdir', removeFolder),
    statfs: either('statfs', async place => {
      await find(place)
      return { bavail: 2 ** 30, bsize: 1 }
    })
  }
}

async function find({ disk, at }: Place): Promise<File | Folder> {
  await disk.pause()
  return disk.find(at)
}

async function fileAt(place: Place): Promise<File> {
  const found = await find(place)
  if (found.kind !== 'file') throw systemError('EISDIR')
  return found
}

async function folderAt(place: Place): Promise<Folder> {
  const found = await find(place)
  if (found.kind !== 'folder') throw systemError('ENOTDIR')
  return found
}

/** As `mkdir` with `recursive`: gives the first folder that it made, below the disk's own. */
async function makeFolders({ disk, at, top }: Place): Promise<string | undefined> {
  let first: string | undefined
  for (let end = at.indexOf('/', 1); ; end = at.indexOf('/', end + 1)) {
    const part = end === -1 ? at : at.slice(0, end)
    await disk.pause()
    const { folder, name } = disk.within(part)
    if (!folder.names.has(name)) {
      disk.name({ what: 'make', path: part }, newFolder())
      first ??= `${top}${part}`
    }
    if (end === -1) return first
  }
}

async function open({ disk, at }: Place, flags = 'r'): Promise<Handle> {
  await disk.pause()
  const node = flags === 'w' ? emptyFile(disk, at) : disk.find(at)
  return {
    async writeFile(bytes) {
      await disk.pause()
      if (node.kind === 'file') node.versions.push({ at: disk.note({ what: 'write', path: at }), bytes: bytes.slice() })
    },
    async sync() {
      await disk.pause(at.split('/').length - 1)
      disk.sync(at, node)
    },
    close: () => disk.pause()
  }
}

function emptyFile(disk: ForgetfulDisk, at: string): File {
  const { folder, name } = disk.within(at)
  const found = folder.names.get(name)
  if (found?.kind === 'folder') throw systemError('EISDIR')
  if (found !== undefined) {
    found.versions.push({ at: disk.note({ what: 'write', path: at }), bytes: new Uint8Array() })
    return found
  }
  const file: File = { ...newFile(new Uint8Array()), syncs: [] }
  disk.name({ what: 'make', path: at }, file)
  return file
}

async function rename({ disk, at }: Place, to: string): Promise<void> {
  const target = placeOf(to)
  if (target?.disk !== disk) throw systemError('EXDEV')
  await disk.pause()
  disk.rename(at, target.at)
}

/** As `rm` with `force`. */
async function removeFile({ disk, at }: Place): Promise<void> {
  await disk.pause()
  const { folder, name } = disk.within(at)
  const found = folder.names.get(name)
  if (found?.kind === 'folder') throw systemError('EISDIR')
  if (found !== undefined) disk.name({ what: 'remove', path: at }, undefined)
}

async function removeFolder({ disk, at }: Place): Promise<void> {
  await disk.pause()
  if (disk.folder(at).names.size > 0) throw systemError('ENOTEMPTY')
  disk.name({ what: 'remove', path: at }, undefined)
}
