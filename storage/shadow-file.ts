import { join } from 'node:path'
import { type ImageId, imageId, peerId, type ShadowKey, sharingId, shadowNumber } from '../base/ids.ts'
import { DROP_REASONS, type ShadowDrop, type ShadowOrigin } from './shadow-store.ts'

/** What the name of a shadow's file tells: enough to make lost metadata anew from the files alone. */
export interface ShadowFile extends ShadowKey, ShadowOrigin {
  /** Of the file, hex (`hasShadowDigest`). */
  readonly digest: string
}

/** What the name of a file in the trash tells. */
export interface TrashFile extends ShadowFile, ShadowDrop {}

// image.sharing.number.digest, then .asked.counter.master in base 36 where the master is known (names of version 1 end
// before), then, in the trash, .time.reason: the reason's place in its list. At most 249 characters; 255 fit.
const NAME =
  /^([0-9a-f]{64})\.([0-9a-f]{16})\.(\d{1,3})\.([0-9a-f]{64})(?:\.([0-9a-z]+)\.([0-9a-z]+)\.([1-9A-HJ-NP-Za-km-z]{46,60}))?$/
const TRASHED = /^(.*)\.([0-9a-z]+)\.(\d)$/
const TEMPORARY = '.tmp'
const UNKNOWN: ShadowOrigin = Object.freeze({ asked: 0, counter: 0, master: undefined, putAt: 0 })

/** The folders of an image's shadows, outer one first: two levels by the first digits of its id. */
export function foldersOf(image: ImageId): [outer: string, inner: string] {
  return [image.slice(0, 2), join(image.slice(0, 2), image.slice(2, 4))]
}

/** The name of a shadow's file within its folder. */
function fileName({ image, sharing, number, digest, asked, counter, master }: ShadowFile): string {
  const name = `${image}.${sharing}.${number}.${digest}`
  return master === undefined ? name : `${name}.${asked.toString(36)}.${counter.toString(36)}.${master}`
}

/** The path of a shadow's file below the folder of all shadows. */
export function filePath(file: ShadowFile): string {
  return join(foldersOf(file.image)[1], fileName(file))
}

/** The path of a shadow's file below the folder of the trash. */
export function trashPath(file: TrashFile): string {
  return `${filePath(file)}.${file.time.toString(36)}.${DROP_REASONS.indexOf(file.reason)}`
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
  const origin = match[7] === undefined ? UNKNOWN : originOf(match[5], match[6], match[7])
  if (origin === undefined) return undefined
  const key = { image: imageId(match[1]), sharing: sharingId(match[2]), number: shadowNumber(number) }
  return { ...key, digest: match[4], ...origin }
}

/** What the name of a file in the trash tells, or undefined when it is not one. */
export function parseTrashName(name: string): TrashFile | undefined {
  const match = TRASHED.exec(name)
  const file = match === null ? undefined : parseFileName(match[1])
  const time = match === null ? undefined : parseWhole(match[2])
  const reason = DROP_REASONS[Number(match?.[3])]
  if (file === undefined || time === undefined || reason === undefined) return undefined
  return { ...file, time, reason }
}

function originOf(asked: string, counter: string, master: string): ShadowOrigin | undefined {
  const [askedAt, count] = [parseWhole(asked), parseWhole(counter)]
  return askedAt === undefined || count === undefined
    ? undefined
    : { asked: askedAt, counter: count, master: peerId(master), putAt: 0 }
}

function parseWhole(text: string): number | undefined {
  const value = Number.parseInt(text, 36)
  return Number.isSafeInteger(value) && value.toString(36) === text ? value : undefined
}
