import { join } from 'node:path'
import { sha256Hex } from '../base/bytes.ts'
import type { ShadowKey } from '../base/ids.ts'
import type { LevelChange, SyncedLevel } from '../base/synced-level.ts'
import type { Disk } from './disk.ts'
import { filePath, isTemporary, parseFileName, type ShadowFile } from './shadow-file.ts'
import { entryChange, metadataKey, readEntry } from './shadow-metadata.ts'
import type { ShadowEntry } from './shadow-store.ts'

/** What a start found and put right. */
export interface StartReport {
  /** Files left by puts that never came to their end, now removed. */
  temporaries: number
  /** Sound shadows without metadata, now held. */
  adopted: number
  /** Files without metadata that were damaged, or second shadows of a sharing; now removed. */
  removed: number
  /** Shadows with metadata and no file: lost by the disk, and no longer listed. */
  lost: ShadowKey[]
  /** Metadata entries whose bytes were damaged; made anew where the file was sound. */
  damagedMetadata: number
  /** Files with names that no store gives; left alone. */
  strangers: number
  shadows: number
  usedBytes: number
}

/** Where a store's parts are. */
export interface StoreParts {
  readonly disk: Disk
  /** The folder of all shadows. */
  readonly root: string
  readonly level: SyncedLevel
}

const PAGE = 1000

/**
 * Make files and metadata agree after any kill: files half-written go; a whole file whose metadata was not yet written is
 * checked against the digest in its name and taken in; metadata without a file goes and is reported.
 */
export async function reconcile(parts: StoreParts): Promise<StartReport> {
  const report: StartReport = {
    temporaries: 0,
    adopted: 0,
    removed: 0,
    lost: [],
    damagedMetadata: 0,
    strangers: 0,
    shadows: 0,
    usedBytes: 0
  }
  for (let prefix = 0; prefix < 256; prefix++) {
    // One outer folder at a time, so that memory holds 1/256 of the entries.
    const outer = prefix.toString(16).padStart(2, '0')
    const entries = await readEntries(parts.level, outer, report)
    const files = await readFiles(parts, outer, report)
    await settle(parts, { entries, files, report })
    await parts.disk.removeEmpty(join(parts.root, outer))
  }
  return report
}

/** Entries by Level key; undefined where the bytes are damaged. */
type Entries = Map<string, ShadowEntry | undefined>

async function readEntries(level: SyncedLevel, outer: string, report: StartReport): Promise<Entries> {
  const entries: Entries = new Map()
  for await (const page of level.pages({ gte: outer, lt: `${outer}g` }, PAGE)) {
    for (const [key, value] of page) {
      const entry = readEntry(key, value)
      if (entry === undefined) report.damagedMetadata++
      entries.set(key, entry)
    }
  }
  return entries
}

async function readFiles({ disk, root }: StoreParts, outer: string, report: StartReport): Promise<ShadowFile[]> {
  const files: ShadowFile[] = []
  for (const inner of await disk.names(join(root, outer))) {
    const folder = join(root, outer, inner)
    for (const name of await disk.names(folder)) {
      const file = parseFileName(name)
      if (file !== undefined) files.push(file)
      else if (isTemporary(name)) {
        await disk.remove(join(folder, name))
        report.temporaries++
      } else report.strangers++
    }
    await disk.removeEmpty(folder)
  }
  return files
}

async function settle(
  { disk, root, level }: StoreParts,
  { entries, files, report }: { entries: Entries; files: ShadowFile[]; report: StartReport }
): Promise<void> {
  const changes: LevelChange[] = []
  const held = new Map<string, ShadowEntry>()
  const loose: ShadowFile[] = []
  for (const file of files) {
    const entry = entries.get(metadataKey(file))
    if (entry?.number === file.number && entry.digest === file.digest) held.set(metadataKey(file), entry)
    else loose.push(file)
  }
  for (const file of loose) {
    const entry = held.has(metadataKey(file)) ? undefined : await checkFile(disk, join(root, filePath(file)), file)
    if (entry === undefined) {
      await disk.remove(join(root, filePath(file)))
      report.removed++
    } else {
      held.set(metadataKey(file), entry)
      changes.push(entryChange(entry))
      report.adopted++
    }
  }
  for (const [key, entry] of entries) {
    if (held.has(key)) continue
    changes.push({ type: 'del', key })
    if (entry !== undefined) report.lost.push({ image: entry.image, sharing: entry.sharing, number: entry.number })
  }
  if (changes.length > 0) await level.commit(changes)
  report.shadows += held.size
  for (const { bytes } of held.values()) report.usedBytes += bytes
}

async function checkFile(disk: Disk, path: string, file: ShadowFile): Promise<ShadowEntry | undefined> {
  const shadow = await disk.read(path)
  return sha256Hex(shadow) === file.digest ? { ...file, bytes: shadow.length } : undefined
}
