import type { LevelChange } from '../base/synced-level.ts'
import { filePath, parseFileName, parseTrashName, type ShadowFile, type TrashFile, trashPath } from './shadow-file.ts'
import { entryChange, readEntry, readTrashed, TRASH_PREFIX, trashChanges } from './shadow-metadata.ts'
import type { ShadowEntry, TrashedShadow } from './shadow-store.ts'

/** How the shadows of one folder, those held or the trash, stand in file names and in metadata. */
export interface ShadowArea<F extends ShadowFile, E extends F & ShadowEntry> {
  /** What the Level keys of its entries start with. */
  readonly prefix: string
  readonly parse: (name: string) => F | undefined
  readonly path: (file: F) => string
  readonly read: (key: string, value: Uint8Array) => E | undefined
  readonly changes: (entry: E) => LevelChange[]
  /** Whether a file is the one that an entry speaks of. */
  readonly isOf: (entry: E, file: F) => boolean
  /** Files in the order in which they may take their sharing's place; `isKnown` says which have metadata. */
  readonly inOrder: (files: F[], isKnown: (file: F) => boolean) => F[]
}

/** What is held. */
export const HELD_AREA: ShadowArea<ShadowFile, ShadowEntry> = Object.freeze({
  prefix: '',
  parse: parseFileName,
  path: filePath,
  read: readEntry,
  changes: (entry: ShadowEntry) => [entryChange(entry)],
  isOf: (entry: ShadowEntry, file: ShadowFile) => filePath(entry) === filePath(file),
  inOrder: (files: ShadowFile[], isKnown: (file: ShadowFile) => boolean) =>
    files.sort((a, b) => Number(isKnown(b)) - Number(isKnown(a)))
})

/** The trash, where of one sharing the last drop counts, also one that a kill kept from its metadata. */
export const TRASH_AREA: ShadowArea<TrashFile, TrashedShadow> = Object.freeze({
  prefix: TRASH_PREFIX,
  parse: parseTrashName,
  path: trashPath,
  read: readTrashed,
  changes: trashChanges,
  isOf: (entry: TrashedShadow, file: TrashFile) => trashPath(entry) === trashPath(file),
  inOrder: (files: TrashFile[]) => files.sort((a, b) => b.time - a.time)
})
