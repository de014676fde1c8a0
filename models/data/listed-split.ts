import { readFile } from 'node:fs/promises'
import { NetError } from '../../base/errors.ts'
import { type ImageFolder, partOf } from './image-folders.ts'

/** A data set in two parts. */
export interface SplitFolder {
  readonly train: ImageFolder
  readonly test: ImageFolder
}

const HEADER = 'file,split'

/**
 * Split the images of `whole` as the CSV file at `path` says: the header `file,split`, then a row for each image with its
 * name in `whole` (the path below the data set's folder) and `train` or `test`. Images without a row are left out, and
 * counted.
 * @throws NetError `CONFIG_INVALID` naming the row (malformed, an unknown image or part, an image twice),
 * `FILE_UNREADABLE`, `DATASET_INVALID` when a class has no image in one part
 */
export async function listedSplit(
  whole: ImageFolder,
  path: string
): Promise<SplitFolder & { readonly leftOut: number }> {
  const parts = parseSplit(await textOf(path), new Set(whole.files.map(file => file.name)))
  return {
    train: partOf(whole, 'train', file => parts.get(file.name) === 'train'),
    test: partOf(whole, 'test', file => parts.get(file.name) === 'test'),
    leftOut: whole.files.length - parts.size
  }
}

function parseSplit(text: string, known: ReadonlySet<string>): Map<string, string> {
  const [header, ...rows] = text.replace(/\r?\n$/, '').split(/\r?\n/)
  if (header !== HEADER) throw new NetError('CONFIG_INVALID', `a split file begins with the line ${HEADER}`)
  const parts = new Map<string, string>()
  rows.forEach((row, at) => {
    const wrong = (fault: string): NetError =>
      new NetError('CONFIG_INVALID', `row ${at + 2} of the split file, "${row}", ${fault}`, { detail: { row: at + 2 } })
    const comma = row.lastIndexOf(',')
    const [file, part] = [row.slice(0, comma), row.slice(comma + 1)]
    if (comma < 1) throw wrong('is not FILE,SPLIT')
    if (part !== 'train' && part !== 'test') throw wrong('names another part than train or test')
    if (!known.has(file)) throw wrong('names a file that is not in the data set')
    if (parts.has(file)) throw wrong('names a file for the second time')
    parts.set(file, part)
  })
  return parts
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new NetError('FILE_UNREADABLE', `the split file ${path} cannot be read`, { cause })
  }
}
