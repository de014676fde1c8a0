import { imageId, peerId, shadowNumber, sharingId } from '../../base/ids.ts'
import { metadataKey } from '../../storage/shadow-metadata.ts'
import { DROP_REASONS, type RecordMark, type ShadowEntry, type TrashedShadow } from '../../storage/shadow-store.ts'

/** Where a virtual slave's shadows lie on its disk. */
export const SHADOW_FILES = 'shadow/'
/** Where those lie that it dropped. */
export const TRASH_FILES = 'trash/'
/** Where the records beside its shadows lie, those in the trash among them. */
export const BESIDE_FILES = 'beside/'

function nameOf({ image, sharing, number, digest, bytes, asked, counter, master, putAt }: ShadowEntry): string {
  return [image, sharing, number, digest, bytes, asked, counter, master ?? '', putAt].join('/')
}

/** The name of a shadow's file: it says everything but the bytes. */
export function fileOf(entry: ShadowEntry): string {
  return SHADOW_FILES + nameOf(entry)
}

/** The name of the file of the record beside a shadow. */
export function recordFileOf({ record, ...key }: ShadowEntry): string {
  return [BESIDE_FILES.slice(0, -1), metadataKey(key), record?.bytes, record?.digest].join('/')
}

/** The sharing beside whose shadow a record lies, and what it is, by the name of its file. */
export function markOf(name: string): [sharing: string, mark: RecordMark] {
  const [, image, sharing, bytes, digest] = name.split('/')
  return [`${image}/${sharing}`, { bytes: Number(bytes), digest }]
}

/** The name of a file in the trash. */
export function trashFileOf(entry: TrashedShadow): string {
  return `${TRASH_FILES}${nameOf(entry)}/${entry.time}/${entry.reason}`
}

/** The entry that a shadow's file name tells. */
export function entryOf(name: string): ShadowEntry {
  const [, image, sharing, number, digest, bytes, asked, counter, master, putAt] = name.split('/')
  return {
    image: imageId(image),
    sharing: sharingId(sharing),
    number: shadowNumber(Number(number)),
    digest,
    bytes: Number(bytes),
    asked: Number(asked),
    counter: Number(counter),
    master: master === '' ? undefined : peerId(master),
    putAt: Number(putAt)
  }
}

/** The entry that the name of a file in the trash tells. */
export function trashedOf(name: string): TrashedShadow {
  const [time, reason] = name.split('/').slice(-2)
  return { ...entryOf(name), time: Number(time), reason: DROP_REASONS.find(each => each === reason) ?? 'aborted' }
}
