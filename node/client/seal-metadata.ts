import { fromString } from 'uint8arrays/from-string'
import type { ImageId } from '../../base/ids.ts'
import { MAX_METADATA_BYTES } from '../../base/limits.ts'
import type { Random } from '../../base/random.ts'
import { codec } from '../../codec/codec.ts'
import { fields } from '../../codec/fields.ts'
import { listOf, text } from '../../codec/shapes.ts'
import { deriveKey } from '../../crypto/derive.ts'
import { openSealed, SEAL_OVERHEAD_BYTES, sealBytes } from '../../crypto/seal.ts'

/** What an owner says of an image to those who hold K_QIE. */
export interface Metadata {
  readonly name: string
  readonly labels: readonly string[]
}

const metadata = codec(fields({ name: text(0, 1024), labels: listOf(text(0, 256), 64) }))

/** What metadata is bound to: its image, and K_QIE, 32 bytes. */
export interface MetadataSeal {
  readonly image: ImageId
  readonly imageKey: Uint8Array
}

/**
 * Seal an image's metadata under a key of its own, derived from K_QIE and the image id: masters keep it, none can read it
 * or give it to another image.
 * @throws NetError `MESSAGE_INVALID` when a name is longer than 1024 characters, there are more than 64 labels, or one is
 *   longer than 256, RangeError when they are longer than 4 KiB together
 */
export function sealMetadata(
  { name, labels }: Metadata,
  { image, imageKey, random }: MetadataSeal & { readonly random: Random }
): Uint8Array {
  const plain = metadata.encode({ name, labels: [...labels] })
  if (plain.length > MAX_METADATA_BYTES - SEAL_OVERHEAD_BYTES) {
    throw new RangeError(`metadata must be at most ${MAX_METADATA_BYTES - SEAL_OVERHEAD_BYTES} bytes`)
  }
  const id = fromString(image, 'hex')
  return sealBytes(keyOf(id, imageKey), plain, { associated: id, random })
}

/** The metadata inside {@link sealMetadata}'s output. @throws NetError `KEY_WRONG`, `MESSAGE_INVALID` */
export function openMetadata(sealed: Uint8Array, { image, imageKey }: MetadataSeal): Metadata {
  const id = fromString(image, 'hex')
  return metadata.decode(openSealed(keyOf(id, imageKey), sealed, { associated: id }))
}

function keyOf(id: Uint8Array, imageKey: Uint8Array): Uint8Array {
  return deriveKey(imageKey, { salt: id, info: 'sfmedir/metadata/1' })
}
