import { imageIdOf } from '../../base/bytes.ts'
import type { AbortOptions } from '../../base/clock.ts'
import { asError, NetError } from '../../base/errors.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import { withDefaults } from '../../base/options.ts'
import type { Signer } from '../../crypto/signer.ts'
import { type CodeMask, codeMask, maskCode } from '../../hashing/code-mask.ts'
import type { CodeSpace, HashCode } from '../../hashing/hash-code.ts'
import { claimBytes, encodeClaim, deletionBytes } from '../../indexing/encode-record.ts'
import { deleteImage } from '../../protocols/delete-image.ts'
import { MAX_ENCRYPTED_BYTES } from '../../protocols/limits.ts'
import { putImage } from '../../protocols/put-image.ts'
import { askMasters } from './ask-masters.ts'
import type { ClientPorts } from './client-ports.ts'
import { MasterFinder } from '../peers/find-masters.ts'
import { sealMetadata } from './seal-metadata.ts'

/** What an {@link Owner} works with. */
export interface OwnerPorts extends ClientPorts {
  readonly signer: Signer
}

/** How an {@link Owner} works. */
export interface OwnerInit {
  /** The largest image it takes, in bytes. */
  maxImageBytes?: number
}

/** Defaults of {@link OwnerInit}. */
export const OWNER_DEFAULTS: Required<OwnerInit> = Object.freeze({
  maxImageBytes: 128 * 1024 * 1024 // a whole-slide tile or a CT volume; splitting costs four times its memory
})

/** How far a store has come. */
export type StoreStage = 'hash' | 'encrypt' | 'send' | 'stored'

/** What an owner says with an image. */
export interface StoreOptions extends AbortOptions {
  /** Shown beside search results, to those who hold K_QIE. */
  readonly name?: string
  readonly labels?: readonly string[]
  readonly onProgress?: (stage: StoreStage) => void
}

/** An image ready to be sent: encrypted once, so that every try sends the same bytes. */
export interface SealedImage {
  readonly image: ImageId
  readonly space: CodeSpace
  /** The encoded, signed claim. */
  readonly claim: Uint8Array
  /** EI. */
  readonly encrypted: Uint8Array
}

/** Where an image lies now. */
export interface StoredImage {
  readonly image: ImageId
  readonly space: CodeSpace
  /** Size of the encrypted image in bytes. */
  readonly size: number
  /** s. */
  readonly total: number
  readonly holders: readonly PeerId[]
  /** Masters that hold its record. */
  readonly masters: number
}

/** One image of a batch. */
export interface BatchItem extends Omit<StoreOptions, 'signal'> {
  readonly bytes: Uint8Array
}

/** What became of one image of a batch. */
export type BatchResult = { readonly stored: StoredImage } | { readonly error: Error }

const BATCH = 8 // hashed by the model in one go, and sent side by side

/** An owner (MO): encrypts images, hashes them with the shared model, and has masters store them. */
export class Owner {
  readonly #ports: OwnerPorts
  readonly #init: Required<OwnerInit>
  readonly #masters: MasterFinder
  readonly #mask: CodeMask

  constructor(ports: OwnerPorts, init: OwnerInit = {}) {
    this.#ports = ports
    this.#init = withDefaults(OWNER_DEFAULTS, init)
    this.#masters = new MasterFinder(ports)
    this.#mask = codeMask(ports.keys.indexKey, ports.hasher.space)
  }

  /**
   * Store an image (secure storage phase). Resolves once s slaves and two masters have it on stable storage.
   * @throws NetError `IMAGE_INVALID`, `DICOM_INVALID`, `IMAGE_TOO_LARGE`, `NO_MASTERS`, `NOT_ENOUGH_SLAVES`,
   *   `NOT_ENOUGH_MASTERS`, `MODEL_MISMATCH`, `CODE_LENGTH_MISMATCH`
   */
  async store(image: Uint8Array, options: StoreOptions = {}): Promise<StoredImage> {
    return this.send(await this.seal(image, options), options)
  }

  /** Store many images; one result each, in order, as they come. A failure ends none of the others. */
  async *storeMany(
    items: Iterable<BatchItem> | AsyncIterable<BatchItem>,
    options: AbortOptions = {}
  ): AsyncGenerator<BatchResult> {
    let batch: BatchItem[] = []
    for await (const item of items) {
      batch.push(item)
      if (batch.length < BATCH) continue
      yield* await this.#storeBatch(batch, options)
      batch = []
    }
    yield* await this.#storeBatch(batch, options)
  }

  /** Hash, encrypt and sign, without sending. @throws NetError `IMAGE_INVALID`, `DICOM_INVALID`, `IMAGE_TOO_LARGE` */
  async seal(image: Uint8Array, options: StoreOptions = {}): Promise<SealedImage> {
    this.#checkSize(image)
    options.onProgress?.('hash')
    const [code] = await this.#ports.hasher.hash([image], options)
    return this.#seal(image, code, options)
  }

  /** Send what {@link seal} made, to one master after the other until one has stored it. Sending it again is harmless. */
  async send({ image, space, claim, encrypted }: SealedImage, options: StoreOptions = {}): Promise<StoredImage> {
    options.onProgress?.('send')
    const answer = await this.#ask(
      (master, { signal }) => this.#ports.network.request(master, putImage, { claim, encrypted }, { signal }),
      options
    )
    options.onProgress?.('stored')
    return { image, space, size: encrypted.length, ...answer }
  }

  /**
   * Delete an image of this owner, for good; resolves to the number of masters that know.
   * @throws NetError `IMAGE_NOT_FOUND`, `NOT_PERMITTED` when it is another owner's, `NOT_ENOUGH_MASTERS`, `NO_MASTERS`
   */
  async delete(image: ImageId, options: AbortOptions = {}): Promise<number> {
    const time = Math.floor(this.#ports.clock.now())
    const ownerSignature = this.#ports.signer.sign(deletionBytes({ image, time }))
    const answer = await this.#ask(
      (master, { signal }) =>
        this.#ports.network.request(master, deleteImage, { image, time, ownerSignature }, { signal }),
      options
    )
    return answer.masters
  }

  async #storeBatch(batch: readonly BatchItem[], options: AbortOptions): Promise<BatchResult[]> {
    if (batch.length === 0) return []
    const codes = await this.#hashBatch(batch, options)
    return Promise.all(
      batch.map(async (item, at) => {
        const each = { ...item, signal: options.signal }
        try {
          const code = codes?.[at]
          const sealed = code === undefined ? await this.seal(item.bytes, each) : this.#seal(item.bytes, code, each)
          return { stored: await this.send(sealed, each) }
        } catch (error) {
          return { error: asError(error) }
        }
      })
    )
  }

  /** The codes of a batch in one go; undefined when one image is at fault, which is then found by hashing each alone. */
  async #hashBatch(batch: readonly BatchItem[], options: AbortOptions): Promise<HashCode[] | undefined> {
    try {
      for (const { bytes } of batch) this.#checkSize(bytes)
      for (const { onProgress } of batch) onProgress?.('hash')
      return await this.#ports.hasher.hash(
        batch.map(({ bytes }) => bytes),
        options
      )
    } catch {
      options.signal?.throwIfAborted()
      return undefined
    }
  }

  #seal(bytes: Uint8Array, code: HashCode, { name = '', labels = [], onProgress }: StoreOptions): SealedImage {
    const { cipher, keys, random, signer, hasher } = this.#ports
    onProgress?.('encrypt')
    const encrypted = cipher.encrypt(bytes, { key: keys.imageKey, random })
    const image = imageIdOf(encrypted)
    const claim = {
      image,
      owner: signer.self,
      space: hasher.space,
      code: maskCode(this.#mask, code).bytes,
      size: encrypted.length,
      metadata: sealMetadata({ name, labels }, { image, imageKey: keys.imageKey, random })
    }
    const ownerSignature = signer.sign(claimBytes(claim))
    return { image, space: hasher.space, claim: encodeClaim({ ...claim, ownerSignature }), encrypted }
  }

  #checkSize({ length: bytes }: Uint8Array): void {
    const maxBytes = Math.min(this.#init.maxImageBytes, MAX_ENCRYPTED_BYTES - this.#ports.cipher.overheadBytes)
    if (bytes === 0) throw new NetError('IMAGE_INVALID', 'an image of zero bytes')
    if (bytes <= maxBytes) return
    throw new NetError('IMAGE_TOO_LARGE', `an image of ${bytes} bytes, at most ${maxBytes} are taken`, {
      detail: { bytes, maxBytes }
    })
  }

  #ask<A>(ask: (master: PeerId, options: Required<AbortOptions>) => Promise<A>, { signal }: AbortOptions): Promise<A> {
    const { clock, random } = this.#ports
    return askMasters(ask, { finder: this.#masters, clock, random, signal })
  }
}
