import { isNetError } from '../../base/errors.ts'
import { type Metadata, type MetadataSeal, openMetadata } from './seal-metadata.ts'

/** What an owner says of an image, or why that cannot be read. */
export interface OpenedMetadata {
  readonly metadata: Metadata | undefined
  /** `KEY_WRONG` sealed under other keys, `MESSAGE_INVALID` not what an owner seals. */
  readonly metadataError: 'KEY_WRONG' | 'MESSAGE_INVALID' | undefined
}

/** Open another owner's metadata: whatever is wrong with it must not end the search or the list that it is part of. */
export function tryOpenMetadata(sealed: Uint8Array, seal: MetadataSeal): OpenedMetadata {
  try {
    return { metadata: openMetadata(sealed, seal), metadataError: undefined }
  } catch (error) {
    return { metadata: undefined, metadataError: isNetError(error, 'KEY_WRONG') ? 'KEY_WRONG' : 'MESSAGE_INVALID' }
  }
}
