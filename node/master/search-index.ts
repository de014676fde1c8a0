import type { Log } from '../../base/log.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import { MAX_ENCRYPTED_BYTES } from '../../base/limits.ts'
import type { SearchImagesAnswer, SearchImagesRequest, SearchResult } from '../../protocols/search-images.ts'

/**
 * The k stored images nearest to a trapdoor, with what their owners say of them (SimImgSearch).
 * @throws NetError `CODE_LENGTH_MISMATCH`, `MODEL_MISMATCH`
 */
export async function searchIndex(
  { code, model, view, bits, k }: SearchImagesRequest,
  { records, log }: { readonly records: RecordStore; readonly log: Log }
): Promise<SearchImagesAnswer> {
  const neighbours = records.nearest(code, { model, view, bits }, k)
  const found = await records.getMany(neighbours.map(({ id }) => id))
  const results: SearchResult[] = []
  for (const [at, { id, distance }] of neighbours.entries()) {
    const claim = found[at]?.stored?.claim
    if (claim === undefined) continue // deleted between ranking and reading
    const { size, metadata, owner } = claim
    // A record's bound is wider than the answer's, and a user refuses an answer with one result out of bounds.
    if (size > MAX_ENCRYPTED_BYTES) log('left out of a search', { image: id, size })
    else results.push({ image: id, distance, size, metadata, owner })
  }
  return { results, stored: records.size }
}
