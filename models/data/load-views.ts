import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { sha256Hex } from '../../base/bytes.ts'
import { type AbortOptions, abortReason } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import { decodeImage } from '../../hashing/decode-image.ts'
import { makeView, viewDigest } from '../../hashing/make-view.ts'
import type { ImageFile, ImageFolder } from './image-folders.ts'

/** The decoded views of a data set, in shared memory so that workers read them without a copy. */
export interface ViewSet {
  readonly side: number
  readonly classes: readonly string[]
  /** `class/file` of each image. */
  readonly names: readonly string[]
  /** Class index of each image. */
  readonly labels: Int32Array
  /** Grey planes of side x side, 0 to 255, one after the other. */
  readonly pixels: Uint8Array<SharedArrayBuffer>
  /** SHA-256 over the names and contents of all image files, hex. */
  readonly digest: string
  /** Names of the files that no decoder read; they are left out above. */
  readonly unreadable: readonly string[]
}

/** What {@link loadViews} may be told. */
export interface LoadViewsInit extends AbortOptions {
  /** Width and height of the views in pixels. */
  readonly side: number
  /** Folder for decoded views; left out: nothing is kept. */
  readonly cacheDir?: string
  /** Called after every image with how many are done. */
  readonly onProgress?: (done: number, total: number) => void
}

interface CacheHeader {
  readonly digest: string
  readonly unreadable: readonly string[]
}

const AT_ONCE = 16 // decoders in flight: enough for libuv's pool of four

/**
 * Decode all images of a folder to views, or take them from the cache when the same files were decoded before. A file
 * that cannot be decoded is named in `unreadable`, and the rest goes on.
 * @throws NetError `DATASET_INVALID` when an image class has no readable file left
 */
export async function loadViews(folder: ImageFolder, init: LoadViewsInit): Promise<ViewSet> {
  const listing = folder.files.map(file => `${file.name} ${file.bytes} ${file.modifiedMs}`)
  const key = sha256Hex(fromString([viewDigest({ version: 1, side: init.side }), ...listing].join('\n')))
  const path = init.cacheDir === undefined ? undefined : join(init.cacheDir, `${key.slice(0, 32)}.views`)
  const cached = path === undefined ? undefined : await readCache(path)
  if (cached !== undefined) return assemble(folder, cached, init.side)
  const decoded = await decodeAll(folder.files, init)
  if (path !== undefined) await writeCache(path, decoded)
  return assemble(folder, decoded, init.side)
}

interface Decoded extends CacheHeader {
  readonly pixels: Uint8Array
}

async function decodeAll(files: readonly ImageFile[], init: LoadViewsInit): Promise<Decoded> {
  const plane = init.side ** 2
  const views: (Uint8Array | undefined)[] = new Array(files.length)
  const digests: string[] = new Array(files.length)
  let next = 0
  let done = 0
  const work = async (): Promise<void> => {
    for (let at = next++; at < files.length; at = next++) {
      if (init.signal?.aborted) throw abortReason(init.signal)
      const bytes = await readFile(files[at].path)
      digests[at] = `${files[at].name} ${sha256Hex(bytes)}`
      views[at] = await decodeOne(bytes, init.side)
      init.onProgress?.(++done, files.length)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const readable = views.filter(view => view !== undefined)
  const pixels = new Uint8Array(readable.length * plane)
  readable.forEach((view, at) => {
    pixels.set(view, at * plane)
  })
  const unreadable = files.filter((_, at) => views[at] === undefined).map(file => file.name)
  return { pixels, unreadable, digest: sha256Hex(fromString(digests.join('\n'))) }
}

async function decodeOne(bytes: Uint8Array, side: number): Promise<Uint8Array | undefined> {
  try {
    return makeView(await decodeImage(bytes), { version: 1, side }).pixels
  } catch (error) {
    if (isNetError(error, 'IMAGE_INVALID', 'IMAGE_TOO_LARGE', 'DICOM_INVALID')) return undefined
    throw error
  }
}

function assemble(folder: ImageFolder, { pixels, digest, unreadable }: Decoded, side: number): ViewSet {
  const missing = new Set(unreadable)
  const files = missing.size === 0 ? folder.files : folder.files.filter(file => !missing.has(file.name))
  const labels = Int32Array.from(files, file => file.label)
  folder.classes.forEach((name, label) => {
    if (!labels.includes(label)) throw new NetError('DATASET_INVALID', `class ${name} has no readable image`)
  })
  const shared = new Uint8Array(new SharedArrayBuffer(pixels.length))
  shared.set(pixels)
  return {
    side,
    classes: folder.classes,
    names: files.map(file => file.name),
    labels,
    pixels: shared,
    digest,
    unreadable
  }
}

async function readCache(path: string): Promise<Decoded | undefined> {
  try {
    const bytes = await readFile(path)
    const length = bytes.readUInt32LE(0)
    const header: CacheHeader = JSON.parse(bytes.subarray(4, 4 + length).toString())
    const pixels = bytes.subarray(4 + length + 64)
    const checksum = bytes.subarray(4 + length, 4 + length + 64).toString()
    return sha256Hex(pixels) === checksum ? { ...header, pixels } : undefined // a torn file is decoded again
  } catch {
    return undefined // not there, or torn: decoding again is always right
  }
}

async function writeCache(path: string, { pixels, digest, unreadable }: Decoded): Promise<void> {
  const header = fromString(JSON.stringify({ digest, unreadable } satisfies CacheHeader))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(header.length)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(`${path}.part`, concat([length, header, fromString(sha256Hex(pixels)), pixels]))
  await rename(`${path}.part`, path)
}
