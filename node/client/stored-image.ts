import type { AbortOptions } from '../../base/clock.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import type { CodeSpace } from '../../hashing/hash-code.ts'

/** How far a store has come. */
export type StoreStage = 'hash' | 'encrypt' | 'send' | 'stored'

/** What an owner says with an image. */
export interface StoreOptions extends AbortOptions {
  /** Shown beside search results, to those who hold K_QIE. */
  readonly name?: string
  readonly labels?: readonly string[]
  readonly onProgress?: (stage: StoreStage) => void
}

/** An image ready to be sent: encrypted once, so that every try sends the same bytes; each under a claim of its own. */
export interface SealedImage {
  readonly id: ImageId
  /** SHA-256 of the encrypted image, hex. */
  readonly digest: string
  readonly space: CodeSpace
  /** The masked code. */
  readonly code: Uint8Array
  /** Sealed. */
  readonly metadata: Uint8Array
  /** EI. */
  readonly encrypted: Uint8Array
}

/** Where an image lies now. */
export interface StoredImage {
  readonly id: ImageId
  readonly space: CodeSpace
  /** Size of the encrypted image in bytes. */
  readonly size: number
  /** s. */
  readonly total: number
  readonly holders: readonly PeerId[]
  /** Masters that signed that they hold its record. */
  readonly masters: number
  /** Holders that signed that they keep a sealed copy of the record: all of them where one master alone holds it, else 0. */
  readonly notes: number
}

/** One image of a batch. */
export interface BatchItem extends Omit<StoreOptions, 'signal'> {
  readonly bytes: Uint8Array
}

/** One image of a batch, as it was given, and what became of it. */
export type BatchResult<I extends BatchItem = BatchItem> = { readonly item: I } & (
  | { readonly stored: StoredImage }
  | { readonly error: Error }
)
