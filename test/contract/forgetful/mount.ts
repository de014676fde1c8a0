import type { ForgetfulDisk } from './forgetful-disk.ts'

const mounted = new Map<string, ForgetfulDisk>()
let count = 0

/** A path on a forgetful disk. */
export interface Place {
  readonly disk: ForgetfulDisk
  readonly at: string
  /** The path of the disk itself. */
  readonly top: string
}

const TOP = '/forgetful/'

/** Where a path lies: on which forgetful disk, and where there; undefined for one of the machine's. */
export function placeOf(path: string): Place | undefined {
  if (!path.startsWith(TOP)) return undefined
  const end = path.indexOf('/', TOP.length)
  const disk = mounted.get(path.slice(TOP.length, end === -1 ? undefined : end))
  return disk && { disk, at: end === -1 ? '' : path.slice(end), top: end === -1 ? path : path.slice(0, end) }
}

/** Give a disk a place among the machine's paths while work is done there; whoever is still busy there fails afterwards. */
export async function withMounted<T>(disk: ForgetfulDisk, work: (folder: string) => Promise<T>): Promise<T> {
  const name = `${++count}`
  mounted.set(name, disk)
  try {
    return await work(`${TOP}${name}`)
  } finally {
    mounted.delete(name)
  }
}
