import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { NetError } from '../../base/errors.ts'

/** One image file of a data set, not yet read. */
export interface ImageFile {
  /** Where it is. */
  readonly path: string
  /** `class/file`, or `set/class/file` where several sets are joined. */
  readonly name: string
  /** Index of its class. */
  readonly label: number
  readonly bytes: number
  readonly modifiedMs: number
}

/** The images of one or more folders that hold one folder a class. */
export interface ImageFolder {
  /** Class names in the order of their indices; `set/class` where several sets are joined. */
  readonly classes: readonly string[]
  readonly files: readonly ImageFile[]
}

/**
 * List the images of `DIR/<split>` for each data set in `dirs`; several sets make one with the classes of all.
 * @throws NetError `DATASET_INVALID` (no such split, no classes, one class only, an empty class)
 */
export async function listSplit(dirs: readonly string[], split: 'train' | 'test'): Promise<ImageFolder> {
  const joined = dirs.length > 1
  const folders = await Promise.all(
    dirs.map(dir => listFolder(join(dir, split), joined ? `${basename(resolve(dir))}/` : ''))
  )
  return joinFolders(folders)
}

/**
 * List the images of `train` and `test` of each data set together, each under its path below its set's folder:
 * `train/class/file`, or `set/train/class/file` where several sets are joined.
 * @throws NetError `DATASET_INVALID`, see {@link listSplit}; also when the two have other classes
 */
export async function listWhole(dirs: readonly string[]): Promise<ImageFolder> {
  const wholes = await Promise.all(
    dirs.map(async dir => {
      const prefix = dirs.length > 1 ? `${basename(resolve(dir))}/` : ''
      const parts = [await listFolder(join(dir, 'train')), await listFolder(join(dir, 'test'))]
      checkSameClasses(parts[0].classes, parts[1].classes)
      const named = (files: readonly ImageFile[], split: string): ImageFile[] =>
        files.map(file => ({ ...file, name: `${prefix}${split}/${file.name}` }))
      return {
        classes: parts[0].classes.map(name => `${prefix}${name}`),
        files: [...named(parts[0].files, 'train'), ...named(parts[1].files, 'test')]
      }
    })
  )
  return joinFolders(wholes)
}

/** The images of `folder` that `isIn` takes. @throws NetError `DATASET_INVALID` when a class has none in this `part` */
export function partOf(folder: ImageFolder, part: string, isIn: (file: ImageFile) => boolean): ImageFolder {
  const files = folder.files.filter(isIn)
  const present = new Set(files.map(file => file.label))
  const missing = folder.classes.filter((_, label) => !present.has(label))
  if (missing.length === 0) return { classes: folder.classes, files }
  throw new NetError('DATASET_INVALID', `the ${part} part of the split has no image of class ${missing.join(', ')}`)
}

/** List the images of `dir`, one folder a class. @throws NetError `DATASET_INVALID`, see {@link listSplit} */
export async function listFolder(dir: string, prefix = ''): Promise<ImageFolder> {
  const classes = (await entriesOf(dir)).filter(entry => entry.isDirectory()).map(entry => entry.name)
  classes.sort()
  if (classes.length === 0) throw invalid(dir, 'has no folder for a class')
  if (classes.length === 1) throw invalid(dir, `has one class only (${classes[0]}); retrieval needs two`)
  const files: ImageFile[] = []
  for (const [label, name] of classes.entries()) {
    const entries = await entriesOf(join(dir, name))
    const images = entries.filter(entry => entry.isFile() && !entry.name.startsWith('.')).map(entry => entry.name)
    if (images.length === 0) throw invalid(dir, `has no image in class ${name}`)
    for (const image of images.sort()) {
      const path = join(dir, name, image)
      const { size, mtimeMs } = await stat(path)
      files.push({ path, name: `${prefix}${name}/${image}`, label, bytes: size, modifiedMs: mtimeMs })
    }
  }
  return { classes: classes.map(name => `${prefix}${name}`), files }
}

/** @throws NetError `DATASET_INVALID` when two splits do not have the same classes */
export function checkSameClasses(a: readonly string[], b: readonly string[]): void {
  const odd = [...a.filter(name => !b.includes(name)), ...b.filter(name => !a.includes(name))]
  if (odd.length === 0) return
  throw new NetError('DATASET_INVALID', `class names differ between the splits: ${odd.join(', ')} is in one only`)
}

function joinFolders(folders: readonly ImageFolder[]): ImageFolder {
  const classes: string[] = []
  const files: ImageFile[] = []
  for (const folder of folders) {
    const first = classes.length
    for (const file of folder.files) files.push({ ...file, label: file.label + first })
    classes.push(...folder.classes)
  }
  if (new Set(classes).size < classes.length) {
    throw new NetError('DATASET_INVALID', 'two of the data sets have the same name and class names')
  }
  return { classes, files }
}

async function entriesOf(dir: string) {
  try {
    return await readdir(dir, { withFileTypes: true })
  } catch (cause) {
    throw new NetError('DATASET_INVALID', `${dir} cannot be listed`, { cause })
  }
}

function invalid(dir: string, fault: string): NetError {
  return new NetError('DATASET_INVALID', `${dir} ${fault}`)
}
