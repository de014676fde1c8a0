import { join } from 'node:path'
import { type ImageId, imageId, type ShadowKey, sharingId, shadowNumber } from '../base/ids.ts'

/** What the name of a shadow's file tells: enough to make lost metadata anew from the files alone. */
export interface ShadowFile extends ShadowKey {
  /** SHA-256 of the file, hex. */
  readonly digest: string
}

const NAME = /^([0-9a-f]{64})\.([0-9a-f]{16})\.(\d{1,3})\.([0-9a-f]{64})$/
const TEMPORARY = '.tmp'

/** The folders of an image's shadows, outer one first: two levels by the first digits of its id. */
export function foldersOf(image: ImageId): [outer: string, inner: string] {
  return [image.slice(0, 2), join(image.slice(0, 2), image.slice(2, 4))]
}

/** The name of a shadow's file within its folder. */
function fileName({ image, sharing, number, digest }: ShadowFile): string {
  return `${image}.${sharing}.${number}.${digest}`
}

/** The path of a shadow's file below the folder of all shadows. */
export function filePath(file: ShadowFile): string {
  return join(foldersOf(file.image)[1], fileName(file))
}

/** The name under which a file is written before it takes its own. */
export function temporaryPath(file: ShadowFile): string {
  return `${filePath(file)}${TEMPORARY}`
}

/** Whether a name is one of {@link temporaryPath}. */
export function isTemporary(name: string): boolean {
  return name.endsWith(TEMPORARY)
}

/** What a file's name tells, or undefined when it is not a shadow's name. */
export function parseFileName(name: string): ShadowFile | undefined {
  const match = NAME.exec(name)
  if (match === null) return undefined
  const number = Number(match[3])
  if (number < 1 || number > 255 || String(number) !== match[3]) return undefined
  return { image: imageId(match[1]), sharing: sharingId(match[2]), number: shadowNumber(number), digest: match[4] }
}
