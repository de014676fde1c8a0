import { join } from 'node:path'
import type { ShadowKey } from '../base/ids.ts'
import { hasShadowDigest } from '../base/shadow-digest.ts'
import type { LevelChange, SyncedLevel } from '../base/synced-level.ts'
import type { Disk } from './disk.ts'
import { HELD_AREA, type ShadowArea, TRASH_AREA } from './shadow-area.ts'
import { isTemporary, type ShadowFile } from './shadow-file.ts'
import { type Settled, settleRecords } from './settle-records.ts'
import { metadataKey, TRASH_RANGE } from './shadow-metadata.ts'
import { footprint, type ShadowEntry, type TrashedShadow } from './shadow-store.ts'

/** What a start found and put right. */
export interface StartReport {
  /** Files left by puts that never came to their end, now removed. */
  temporaries: number
  /** Sound shadows without metadata, now held, or in the trash where they lay. */
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
  trashed: number
  trashBytes: number
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
export async function reconcile({
  trashRoot,
  ...parts
}: StoreParts & { readonly trashRoot: string }): Promise<StartReport> {
  const report: StartReport = {
    temporaries: 0,
    adopted: 0,
    removed: 0,
    lost: [],
    damagedMetadata: 0,
    strangers: 0,
    shadows: 0,
    usedBytes: 0,
    trashed: 0,
    trashBytes: 0
  }
  const trashParts = { ...parts, root: trashRoot, folders: new Set(await parts.disk.names(trashRoot)) }
  const folders = new Set(await parts.disk.names(parts.root))
  const hasTrash = trashParts.folders.size > 0 || (await parts.level.list({ ...TRASH_RANGE, limit: 1 })).length > 0
  for (let prefix = 0; prefix < 256; prefix++) {
    // One outer folder at a time, so that memory holds 1/256 of the entries.
    const outer = prefix.toString(16).padStart(2, '0')
    const trash = hasTrash ? await settle(TRASH_AREA, { ...trashParts, outer, report }) : NOTHING
    const live = await settle(HELD_AREA, { ...parts, folders, outer, report })
    // A drop that was killed between file and metadata comes to its end: nothing is lost.
    for (const [key, entry] of live.lost) {
      if (trash.held.get(key)?.digest !== entry.digest) report.lost.push(keyOf(entry))
    }
    await settleRecords(parts.level, { live, trash })
    report.trashed += trash.held.size
    for (const entry of trash.held.values()) report.trashBytes += footprint(entry)
    report.shadows += live.held.size
    for (const entry of live.held.values()) report.usedBytes += footprint(entry)
  }
  return report
}

/** One outer folder of an area, and where to note what is found. */
interface Part extends StoreParts {
  /** The outer folders that are there. */
  readonly folders: ReadonlySet<string>
  readonly outer: string
  readonly report: StartReport
}

const NOTHING: Settled<TrashedShadow> = { held: new Map(), lost: new Map() }

async function settle<F extends ShadowFile, E extends F & ShadowEntry>(
  area: ShadowArea<F, E>,
  part: Part
): Promise<Settled<E>> {
  const { disk, root, level, folders, outer, report } = part
  const entries = await readEntries(area, part)
  const changes: LevelChange[] = []
  const settled: Settled<E> = { held: new Map(), lost: new Map() }
  const known = (file: F): E | undefined => {
    const entry = entries.get(metadataKey(file))
    return entry !== undefined && area.isOf(entry, file) ? entry : undefined
  }
  for (const file of area.inOrder(await readFiles(area, part), file => known(file) !== undefined)) {
    const key = metadataKey(file)
    const path = join(root, area.path(file))
    const entry = settled.held.has(key) ? undefined : (known(file) ?? (await checkFile<F, E>(disk, path, file)))
    if (entry === undefined) {
      await disk.remove(path)
      report.removed++
      continue
    }
    settled.held.set(key, entry)
    if (known(file) !== undefined) continue
    changes.push(...area.changes(entry))
    report.adopted++
  }
  for (const [key, entry] of entries) {
    if (!settled.held.has(key)) changes.push({ type: 'del', key: area.prefix + key })
    if (!settled.held.has(key) && entry !== undefined) settled.lost.set(key, entry)
  }
  if (changes.length > 0) await level.commit(changes)
  if (folders.has(outer)) await disk.removeEmpty(join(root, outer))
  return settled
}

/** Entries by sharing; undefined where the bytes are damaged. */
async function readEntries<F extends ShadowFile, E extends F & ShadowEntry>(
  { prefix, read }: ShadowArea<F, E>,
  { level, outer, report }: Part
): Promise<Map<string, E | undefined>> {
  const entries = new Map<string, E | undefined>()
  for await (const page of level.pages({ gte: `${prefix}${outer}`, lt: `${prefix}${outer}g` }, PAGE)) {
    for (const [key, value] of page) {
      const entry = read(key, value)
      if (entry === undefined) report.damagedMetadata++
      entries.set(key.slice(prefix.length), entry)
    }
  }
  return entries
}

async function readFiles<F extends ShadowFile, E extends F & ShadowEntry>(
  { parse }: ShadowArea<F, E>,
  { disk, root, folders, outer, report }: Part
): Promise<F[]> {
  const files: F[] = []
  if (!folders.has(outer)) return files
  for (const inner of await disk.names(join(root, outer))) {
    const folder = join(root, outer, inner)
    for (const name of await disk.names(folder)) {
      const file = parse(name)
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

async function checkFile<F extends ShadowFile, E extends F & ShadowEntry>(
  disk: Disk,
  path: string,
  file: F
): Promise<E | undefined> {
  const shadow = await disk.read(path)
  // What an entry has beside its file's name is the size.
  return hasShadowDigest(shadow, file) ? ({ ...file, bytes: shadow.length } as F & { bytes: number } as E) : undefined
}

function keyOf({ image, sharing, number }: ShadowKey): ShadowKey {
  return { image, sharing, number }
}
