import type { AbortOptions } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { ImageCipher } from '../../crypto/image-cipher.ts'
import type { Signer } from '../../crypto/signer.ts'
import type { CodeSpace, HashCode } from '../../hashing/hash-code.ts'
import type { MasterFinderPorts } from '../peers/find-masters.ts'

/** The keys that owners and users share; masters and slaves have neither. */
export interface ClientKeys {
  /** K_QIE: encrypts images and seals metadata, 32 bytes. */
  readonly imageKey: Uint8Array
  /** K_idx: masks hash codes, 32 bytes. */
  readonly indexKey: Uint8Array
}

/** Turns images into hash codes of one space: the shared model in life, a cheap twin in the simulator. */
export interface ImageHasher {
  readonly space: CodeSpace
  /**
   * One code an image, in order; for an image that has none, what is wrong with it: NetError `IMAGE_INVALID`, `DICOM_INVALID`,
   * `IMAGE_TOO_LARGE`. Rejects when it can hash no image at all.
   */
  hash(images: readonly Uint8Array[], options?: AbortOptions): Promise<(HashCode | Error)[]>
}

/** What an `Owner` and a `User` work with. */
export interface ClientPorts extends MasterFinderPorts {
  readonly keys: ClientKeys
  readonly hasher: ImageHasher
  /** Checks what owners signed. */
  readonly signer: Signer
  /** Is told of masters that say what they cannot prove. */
  readonly log?: Log
  /** Encrypts; and decrypts what it made. */
  readonly cipher: ImageCipher
  /** The cipher that made some bytes. Left out, only `cipher`'s are read. @throws NetError `IMAGE_CORRUPT` */
  readonly cipherOf?: (encrypted: Uint8Array) => ImageCipher
}
