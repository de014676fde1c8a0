import { encodeClaim } from '../../indexing/encode-record.ts'
import type { RecordStore } from '../../indexing/record-store.ts'
import { type CoveragePorts, indexCoverage } from './index-coverage.ts'
import type { SearchImagesAnswer, SearchImagesRequest, SearchResult } from '../../protocols/search-images.ts'

/**
 * The k stored images nearest to a trapdoor, after those to be left out, each as its owner's signed claim (SimImgSearch).
 * @throws NetError `CODE_LENGTH_MISMATCH`, `MODEL_MISMATCH`
 */
export async function searchIndex(
  { code, model, view, bits, k, skip = 0 }: SearchImagesRequest,
  { records }: { readonly records: RecordStore }
): Promise<SearchImagesAnswer> {
  const neighbours = records.nearest(code, { model, view, bits }, skip + k).slice(skip)
  const found = await records.getMany(neighbours.map(({ id }) => id))
  const results: SearchResult[] = []
  for (const [at, { distance }] of neighbours.entries()) {
    const claim = found[at]?.record.stored?.claim
    if (claim !== undefined) results.push({ claim: encodeClaim(claim), distance }) // else deleted since it was ranked
  }
  return { results, stored: records.size }
}

/** Answer `search-images`: {@link searchIndex}, and how much of the index that is. @throws NetError as it */
export async function answerSearch(request: SearchImagesRequest, ports: CoveragePorts): Promise<SearchImagesAnswer> {
  return { ...(await searchIndex(request, ports)), coverage: indexCoverage(ports) }
}
