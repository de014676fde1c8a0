import { basename } from 'node:path'
import { pipe } from 'it-pipe'
import { asError, isNetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import type { Owner } from '../../node/client/owner.ts'
import type { BatchItem, BatchResult } from '../../node/client/stored-image.ts'
import type { InputFile } from '../console/collect-files.ts'
import type { Report } from '../console/report.ts'
import { isObviouslyNoImage } from './not-an-image.ts'
import type { StoreTally } from './store-tally.ts'

/** How files are stored. */
export interface StoreFilesInit {
  readonly labels: readonly string[]
  /** Store what this owner has stored already once more. */
  readonly again: boolean
  readonly report: Report
  readonly tally: StoreTally
}

interface FileItem extends BatchItem {
  readonly path: string
  readonly digest: string
}

/** Files with the bytes of one that is on its way. */
type Twins = Map<string, Omit<FileItem, 'bytes'>[]>

/**
 * Store files one after the other, as many at once as the owner takes. A file whose bytes this owner has stored is known
 * already, and so is the second of two alike: it waits for what becomes of the first.
 */
export async function storeFiles(owner: Owner, files: readonly InputFile[], init: StoreFilesInit): Promise<void> {
  const known = init.again ? new Map<string, ImageId>() : await knownImages(owner, init.report)
  const twins: Twins = new Map()
  await pipe(
    files,
    source => fresh(source, { ...init, owner, known, twins }),
    items => owner.storeMany(items),
    results => tellEach(results, { ...init, known, twins })
  )
}

/** This owner's stored images by the digests of their plain bytes. */
async function knownImages(owner: Owner, report: Report): Promise<Map<string, ImageId>> {
  const known = new Map<string, ImageId>()
  try {
    for await (const { id, metadata } of owner.list())
      if (metadata?.digest !== undefined) known.set(metadata.digest, id)
  } catch (error) {
    if (!isNetError(error, 'PROTOCOL_UNSUPPORTED')) throw error
    report.warn('the masters are too old to say what is stored already: all of it is stored')
  }
  return known
}

interface Sorting extends StoreFilesInit {
  readonly known: Map<string, ImageId>
  readonly twins: Twins
}

/** The files that are to be stored, read one after the other. */
async function* fresh(
  files: Iterable<InputFile>,
  { owner, known, twins, tally, labels, again }: Sorting & { readonly owner: Owner }
): AsyncGenerator<FileItem> {
  for (const file of files) {
    const { path } = file
    if (isObviouslyNoImage(file)) {
      tally.noImage(file.bytes)
      continue
    }
    try {
      const bytes = await file.read()
      const item = { path, name: basename(path), labels, digest: owner.digestOf(bytes), bytes }
      const id = known.get(item.digest)
      const first = twins.get(item.digest)
      if (id !== undefined && !again) tally.known(path, bytes.length, id)
      else if (first !== undefined && !again) first.push(item)
      else {
        twins.set(item.digest, [])
        yield item
      }
    } catch (error) {
      tally.failed(path, asError(error), file.bytes)
    }
  }
}

async function tellEach(
  results: AsyncIterable<BatchResult<FileItem>>,
  { known, twins, tally }: Sorting
): Promise<void> {
  for await (const result of results) {
    const { path, digest, bytes } = result.item
    const waiting = twins.get(digest) ?? []
    twins.delete(digest)
    if ('stored' in result) {
      known.set(digest, result.stored.id)
      tally.stored(path, bytes.length, result.stored)
      for (const twin of waiting) tally.known(twin.path, bytes.length, result.stored.id)
    } else {
      tally.failed(path, result.error, bytes.length)
      for (const twin of waiting) tally.failed(twin.path, result.error, bytes.length)
    }
  }
}
