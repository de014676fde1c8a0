import type { AbortOptions } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import { MAX_ITEMS } from '../../protocols/limits.ts'
import {
  type ImageState,
  type ListedRecord,
  type ListRecordsAnswer,
  type ListRecordsRequest,
  listRecords
} from '../../protocols/list-records.ts'
import type { Network } from '../../protocols/network.ts'
import type { VerifiedClaims } from '../proofs/verified-claims.ts'
import { type OpenedMetadata, tryOpenMetadata } from './try-open-metadata.ts'

/** A stored image, as its owner's claim has it. */
export interface ListedImage extends OpenedMetadata {
  readonly id: ImageId
  readonly owner: PeerId
  /** Size of the encrypted image in bytes. */
  readonly size: number
  /** How the master that was asked sees its holders. */
  readonly state: ImageState
}

/** Which images are listed. */
export interface ListOptions extends AbortOptions {
  /** Only those after this one, in the order of ids. */
  readonly after?: ImageId
  /** Only those of this owner. */
  readonly owner?: PeerId
  /** Called for each entry that no owner of this network signed: it is left out. */
  readonly onFalse?: () => void
}

const MAX_EMPTY_PAGES = 1000 // in a row, of two thousand records each that a master looks at: a filter leaves no more out

type Ask = (master: PeerId, options: Required<AbortOptions>) => Promise<ListRecordsAnswer>

/** What a listing is made from. */
export interface ListPorts {
  readonly network: Network
  /** Reads what masters tell. */
  readonly claims: VerifiedClaims
  /** K_QIE. */
  readonly imageKey: Uint8Array
  /** Has one master after the other asked until one answers well. */
  readonly ask: (ask: Ask, options: AbortOptions) => Promise<ListRecordsAnswer>
}

/**
 * Every stored image that a master names, in the order of ids, a page at a time. An entry is believed when an owner of the
 * roster signed it; a master can still leave images out.
 * @throws NetError `NO_MASTERS`, or what the masters answered
 */
export async function* listImages(ports: ListPorts, options: ListOptions = {}): AsyncGenerator<ListedImage> {
  const { owner, signal, onFalse } = options
  let idle = 0
  for (let after = options.after; ; ) {
    const request = { after, owner, limit: MAX_ITEMS }
    const { records, next } = await ports.ask(
      async (master, { signal }) =>
        checkPage(await ports.network.request(master, listRecords, request, { signal }), request),
      { signal }
    )
    idle = records.length > 0 ? 0 : idle + 1
    if (idle > MAX_EMPTY_PAGES) throw new NetError('MESSAGE_INVALID', 'a master goes on and lists nothing')
    let last = after
    for (const record of records) {
      const image = readListed(record, ports)
      if (image === undefined || (last !== undefined && image.id <= last) || (owner ?? image.owner) !== image.owner) {
        onFalse?.()
        continue
      }
      last = image.id
      yield image
    }
    if (next === undefined) return
    after = next
  }
}

/** A master that does not move on would be asked for ever. */
function checkPage(answer: ListRecordsAnswer, { after, limit }: ListRecordsRequest): ListRecordsAnswer {
  const { next, records } = answer
  if (records.length <= limit && (next === undefined || after === undefined || next > after)) return answer
  throw new NetError('MESSAGE_INVALID', 'a master lists images out of order')
}

/** What a master's entry says, when an owner of this network signed its claim. */
export function readListed(
  { claim: encoded, state }: ListedRecord,
  { claims, imageKey }: ListPorts
): ListedImage | undefined {
  const claim = claims.read(encoded)
  if (claim === undefined) return undefined
  const { id, owner, size, metadata } = claim
  return { id, owner, size, state, ...tryOpenMetadata(metadata, { image: id, imageKey }) }
}
