import { basename, extname } from 'node:path'
import { sniffFormat } from '../../hashing/sniff-format.ts'
import type { InputFile } from '../console/collect-files.ts'

// What is called an image is never passed over: when it cannot be stored, that is a failure.
const IMAGE_NAMES = new Set(
  ['jpg', 'jpeg', 'jfif', 'png', 'tif', 'tiff', 'webp', 'dcm', 'dicom', 'ima'].concat(
    ['gif', 'bmp', 'jp2', 'j2k', 'heic', 'nii', 'mha', 'mhd', 'nrrd', 'svs'] // not decoded here
  )
)

/** Whether a file that was found in a folder is obviously no image: by its first bytes, unless its name says that it is one. */
export function isObviouslyNoImage(file: InputFile): boolean {
  if (!file.isWalked) return false
  const name = basename(file.path)
  if (name.toUpperCase() === 'DICOMDIR') return true
  if (IMAGE_NAMES.has(extname(name.replace(/\.gz$/i, '')).slice(1).toLowerCase())) return false
  const head = file.head()
  return head !== undefined && sniffFormat(head) === undefined
}
