import { basename } from 'node:path'
import { NetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import type { FoundImage } from '../../node/client/user.ts'
import type { Tile } from './contact-sheet.ts'
import { shownName } from './show-image.ts'

const SHOWN = 5

/** A row of a sheet: the query, then its five nearest, fetched and decrypted; what cannot be fetched keeps its caption. */
export async function searchRow(
  query: { readonly path: string; readonly bytes: Uint8Array },
  found: readonly FoundImage[],
  fetch: (id: ImageId) => Promise<Uint8Array>
): Promise<Tile[]> {
  const row: Tile[] = [{ bytes: query.bytes, caption: ['query', basename(query.path)] }]
  for (const each of found.slice(0, SHOWN))
    row.push({ bytes: await fetchOrNothing(each.id, fetch), caption: captionOf(each) })
  return row
}

/** What stands below a found image. */
export function captionOf(found: FoundImage): string[] {
  const alike = found.similarity === undefined ? 'not compared' : `similarity ${found.similarity.toFixed(2)}`
  return [`${found.rank}.  distance ${found.distance}`, alike, shownName(found)]
}

async function fetchOrNothing(
  id: ImageId,
  fetch: (id: ImageId) => Promise<Uint8Array>
): Promise<Uint8Array | undefined> {
  try {
    return await fetch(id)
  } catch (error) {
    if (!(error instanceof NetError)) throw error
    return undefined
  }
}
