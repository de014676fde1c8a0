import type { RecordStore } from '../../indexing/record-store.ts'
import type { SearchImagesAnswer, SearchImagesRequest, SearchResult } from '../../protocols/search-images.ts'

/**
 * The k stored images nearest to a trapdoor, with what their owners say of them (SimImgSearch).
 * @throws NetError `CODE_LENGTH_MISMATCH`, `MODEL_MISMATCH`
 */
export async function searchIndex(
  { code, model, view, bits, k }: SearchImagesRequest,
  records: RecordStore
): Promise<SearchImagesAnswer> {
  const neighbours = records.nearest(code, { model, view, bits }, k)
  const results: SearchResult[] = []
  const found = await records.getMany(neighbours.map(({ id }) => id))
  for (const [at, { id, distance }] of neighbours.entries()) {
    const claim = found[at]?.stored?.claim
    if (claim === undefined) continue // deleted between ranking and reading
    results.push({ image: id, distance, size: claim.size, metadata: claim.metadata, owner: claim.owner })
  }
  return { results, stored: records.size }
}
