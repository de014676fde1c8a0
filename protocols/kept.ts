import type { PeerId } from '../base/ids.ts'
import type { Shape } from '../codec/codec.ts'
import { fields } from '../codec/fields.ts'
import { bytes, listOf, peer } from '../codec/shapes.ts'

/** Most masters whose word one answer carries. */
export const MAX_KEPT = 64

/** The words of masters that they keep a record. */
export const KEPT: Shape<readonly { readonly master: PeerId; readonly signature: Uint8Array }[]> = listOf(
  fields({ master: peer, signature: bytes(64, 64) }),
  MAX_KEPT,
  1
)
