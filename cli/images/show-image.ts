import type { ListedImage } from '../../node/client/list-images.ts'
import type { OpenedMetadata } from '../../node/client/try-open-metadata.ts'
import { shownBytes } from '../console/shown-bytes.ts'
import { shownTime } from './point-in-time.ts'

const NOTES = Object.freeze({ KEY_WRONG: '(sealed)', MESSAGE_INVALID: '(metadata invalid)' })

/** An image's name, or in brackets why there is none. */
export function shownName({ metadata, metadataError }: OpenedMetadata): string {
  return metadataError === undefined ? (metadata?.name ?? '') : NOTES[metadataError]
}

/** An image as one JSON object; `note` says why there is no name. */
export function imageValue({ id, owner, size, state, metadata, metadataError }: ListedImage): object {
  const { name = null, labels = [], time } = metadata ?? {}
  return {
    id,
    name,
    labels,
    size,
    time: time === undefined ? null : new Date(time).toISOString(),
    owner,
    state,
    note: metadataError ?? null
  }
}

/** An image as one line; the owner by the end of its id. */
export function imageLine(image: ListedImage): string {
  const { id, owner, size, state, metadata } = image
  const time = metadata?.time === undefined ? '-' : shownTime(metadata.time)
  const labels = metadata?.labels.length ? `  [${metadata.labels.join(', ')}]` : ''
  const columns = [id, time.padEnd(16), shownBytes(size).padStart(10), state.padEnd(10), `…${owner.slice(-6)}`]
  return `${columns.join('  ')}  ${shownName(image)}${labels}`
}

/** An image as lines of `what: value`. */
export function imageLines(image: ListedImage): string[] {
  const { id, owner, size, state, metadata } = image
  const rows = {
    id,
    name: shownName(image),
    labels: metadata?.labels.join(', ') || '-',
    stored: metadata?.time === undefined ? '-' : shownTime(metadata.time),
    size: `${shownBytes(size)} encrypted (${size} bytes)`,
    state,
    owner
  }
  return Object.entries(rows).map(([what, value]) => `${what.padEnd(7)} ${value}`)
}
