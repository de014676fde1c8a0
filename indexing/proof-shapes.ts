import { ownedImageId } from '../base/bytes.ts'
import type { ImageId, PeerId } from '../base/ids.ts'
import { MAX_SHADOW_BYTES } from '../base/limits.ts'
import { invalid, type Shape } from '../codec/codec.ts'
import { items } from '../codec/fields.ts'
import { bytes, digest, image, instant, number, peer, sharing, whole } from '../codec/shapes.ts'
import type { Abort, Deletion, Kept, Note, Origin, Receipt } from './proof.ts'

// Version 2. Every structure is an array that starts with its version and its name, so that what is signed as one can
// never be read as another. Hex ids and digests travel as bytes; an origin is [asked, counter, master].
//   receipt   [2, "receipt", image, sharing, origin, number, digest, bytes]
//   deletion  [2, "deletion", owner, digest, time, ownerSignature]
//   abort     [2, "abort", image, sharing, origin, time, signature]
//   kept      [2, "kept", digest, master]
//   note      [2, "note", image, sharing, digest, slave]

/** The version that all these structures carry. */
export const VERSION = 2

/** Ed25519. */
export const signature: Shape<Uint8Array> = bytes(64, 64)

/** The counter of a record. */
export const counter: Shape<number> = whole(1)

const origin: Shape<Origin> = items([], { asked: instant, counter, master: peer })

/** What a slave signs. */
export const receiptShape: Shape<Receipt> = items([VERSION, 'receipt'], {
  image,
  sharing,
  origin,
  number,
  digest,
  bytes: whole(1, MAX_SHADOW_BYTES)
})

const deletionItems = { owner: peer, digest, time: instant }

/** What an owner signs: a deletion without its signature. */
export const unsignedDeletionShape: Shape<Omit<Deletion, 'id' | 'ownerSignature'>> = items(
  [VERSION, 'deletion'],
  deletionItems
)

/** A deletion with the id that owner and digest give. */
export const deletionShape: Shape<Deletion> = withImageId(
  items([VERSION, 'deletion'], { ...deletionItems, ownerSignature: signature })
)

const abortItems = { image, sharing, origin, time: instant }

/** What a master signs: an abort without its signature. */
export const unsignedAbortShape: Shape<Omit<Abort, 'signature'>> = items([VERSION, 'abort'], abortItems)

/** An abort. */
export const abortShape: Shape<Abort> = items([VERSION, 'abort'], { ...abortItems, signature })

/** What a master signs of a record that it keeps. */
export const keptShape: Shape<Kept> = items([VERSION, 'kept'], { digest, master: peer })

/** What a slave signs of a sealed record that it keeps. */
export const noteShape: Shape<Note> = items([VERSION, 'note'], { image, sharing, digest, slave: peer })

/** A shape with owner and digest as a value with the image id of both; the id itself does not travel. */
export function withImageId<T extends { readonly owner: PeerId; readonly digest: string }>(
  shape: Shape<T>
): Shape<T & { readonly id: ImageId }> {
  return {
    form: { kind: 'checked', of: shape as Shape<unknown> }, // to be read only
    plain: value => {
      if (value.id !== ownedImageId(value.owner, value.digest)) throw invalid('an id that owner and digest do not give')
      return shape.plain(value)
    },
    read: tokens => {
      const value = shape.read(tokens)
      return { id: ownedImageId(value.owner, value.digest), ...value }
    }
  }
}
