import { pipe } from 'it-pipe'
import { aroundErrors } from '../../base/around-errors.ts'
import { ownedImageId, sha256Hex } from '../../base/bytes.ts'
import type { AbortOptions } from '../../base/clock.ts'
import { asError, isNetError, NetError } from '../../base/errors.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import { withDefaults } from '../../base/options.ts'
import type { Signer } from '../../crypto/signer.ts'
import { type CodeMask, codeMask, maskCode } from '../../hashing/code-mask.ts'
import type { HashCode } from '../../hashing/hash-code.ts'
import { encodeDeletion } from '../../indexing/encode-proof.ts'
import { deleteImage } from '../../protocols/delete-image.ts'
import { MAX_ENCRYPTED_BYTES } from '../../base/limits.ts'
import { putImage } from '../../protocols/put-image.ts'
import { askMasters } from './ask-masters.ts'
import type { ClientPorts } from './client-ports.ts'
import { contentDigest } from './content-digest.ts'
import { type ListedImage, type ListOptions, listImages } from './list-images.ts'
import { MasterFinder } from '../peers/find-masters.ts'
import { signDeletion } from '../proofs/sign-proof.ts'
import { VerifiedClaims } from '../proofs/verified-claims.ts'
import { hashOne } from './hash-one.ts'
import { proveDeleted, proveDigest, proveStored } from './prove-stored.ts'
import { sealMetadata } from './seal-metadata.ts'
import { signClaim } from './sign-claim.ts'
import type { BatchItem, BatchResult, SealedImage, StoredImage, StoreOptions } from './stored-image.ts'

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

const BATCH = 8 // hashed by the model in one go, and sent side by side

/** An owner (MO): encrypts images, hashes them with the shared model, and has masters store them. */
export class Owner {
  readonly #ports: OwnerPorts
  readonly #init: Required<OwnerInit>
  readonly #masters: MasterFinder
  readonly #mask: CodeMask
  #askedAt = 0

  constructor(ports: OwnerPorts, init: OwnerInit = {}) {
    this.#ports = ports
    this.#init = withDefaults(OWNER_DEFAULTS, init)
    this.#masters = new MasterFinder(ports)
    this.#mask = codeMask(ports.keys.indexKey, ports.hasher.space)
  }

  /**
   * Store an image (secure storage phase). Resolves once s slaves and two masters have signed that they have it on stable
   * storage.
   * @throws NetError `IMAGE_INVALID`, `DICOM_INVALID`, `IMAGE_TOO_LARGE`, `NO_MASTERS`, `NOT_ENOUGH_SLAVES`,
   *   `NOT_ENOUGH_MASTERS`, `MODEL_MISMATCH`, `CODE_LENGTH_MISMATCH`, `QUOTA_EXCEEDED`, `PROOF_INVALID` when no master proves it
   */
  async store(image: Uint8Array, options: StoreOptions = {}): Promise<StoredImage> {
    return this.send(await this.seal(image, options), options)
  }

  /** Store many images; one result each, in order, as they come. A failure ends none of the others. */
  storeMany<I extends BatchItem>(
    items: Iterable<I> | AsyncIterable<I>,
    options: AbortOptions = {}
  ): AsyncGenerator<BatchResult<I>> {
    return pipe(
      items,
      source => batchesOf(source, BATCH),
      batches => this.#storeBatches(batches, options)
    )
  }

  /** Hash and encrypt, without sending. @throws NetError `IMAGE_INVALID`, `DICOM_INVALID`, `IMAGE_TOO_LARGE` */
  async seal(image: Uint8Array, options: StoreOptions = {}): Promise<SealedImage> {
    const fault = this.#sizeFault(image)
    if (fault !== undefined) throw fault
    options.onProgress?.('hash')
    return this.#seal(image, await hashOne(this.#ports.hasher, image, options), options)
  }

  /** Send what {@link seal} made, to one master after the other until one has stored it. Sending it again is harmless. */
  async send(sealed: SealedImage, options: StoreOptions = {}): Promise<StoredImage> {
    const { id, space, encrypted } = sealed
    const { network, signer } = this.#ports
    options.onProgress?.('send')
    const proven = await this.#ask(async (master, { signal }) => {
      const claim = signClaim(sealed, { master, time: this.#nextTime(), signer })
      const answer = await network.request(master, putImage, { claim, encrypted }, { signal })
      return this.#proven(master, () => proveStored(answer, id, this.#ports))
    }, options)
    options.onProgress?.('stored')
    return { id, space, size: encrypted.length, ...proven }
  }

  /**
   * Delete an image of this owner, for good; resolves to the number of masters that signed that they know.
   * @throws NetError `IMAGE_NOT_FOUND`, `NOT_PERMITTED` when it is another owner's, `NOT_ENOUGH_MASTERS`, `NO_MASTERS`,
   *   `PROOF_INVALID` when no master proves it
   */
  async delete(id: ImageId, options: AbortOptions = {}): Promise<number> {
    const { network, signer } = this.#ports
    const digest = await this.#ask(async (master, { signal }) => {
      const answer = await network.request(master, deleteImage, { image: id }, { signal })
      return this.#proven(master, () => proveDigest(answer, id, signer.self))
    }, options)
    const signed = signDeletion({ id, digest, time: this.#nextTime() }, signer)
    const deletion = encodeDeletion(signed)
    return this.#ask(async (master, { signal }) => {
      const answer = await network.request(master, deleteImage, { deletion }, { signal })
      return this.#proven(master, () => proveDeleted(answer, signed, this.#ports))
    }, options)
  }

  /** This owner's stored images that a master names, in the order of ids. @throws NetError `NO_MASTERS` */
  list(options: Omit<ListOptions, 'owner'> = {}): AsyncGenerator<ListedImage> {
    const { signer, keys } = this.#ports
    const claims = new VerifiedClaims(this.#ports)
    const ports = { ...this.#ports, claims, imageKey: keys.imageKey, ask: this.#ask.bind(this) }
    return listImages(ports, { ...options, owner: signer.self })
  }

  /** What the metadata of an image with these bytes has as `digest`, whenever it was stored under these keys. */
  digestOf(image: Uint8Array): string {
    return contentDigest(image, this.#ports.keys.imageKey)
  }

  async *#storeBatches<I extends BatchItem>(
    batches: AsyncIterable<readonly I[]>,
    options: AbortOptions
  ): AsyncGenerator<BatchResult<I>> {
    for await (const batch of batches) {
      const codes = await this.#hashBatch(batch, options)
      yield* await Promise.all(batch.map((item, at) => this.#storeHashed(item, codes[at], options)))
    }
  }

  async #storeHashed<I extends BatchItem>(
    item: I,
    code: HashCode | Error,
    { signal }: AbortOptions
  ): Promise<BatchResult<I>> {
    if (code instanceof Error) return { item, error: code }
    const options = { ...item, signal }
    try {
      return { item, stored: await this.send(this.#seal(item.bytes, code, options), options) }
    } catch (error) {
      return { item, error: asError(error) }
    }
  }

  /** Each image of a batch hashed once: its code, or what is wrong with it. */
  async #hashBatch(batch: readonly BatchItem[], options: AbortOptions): Promise<(HashCode | Error)[]> {
    const images = batch.map(({ bytes }): Uint8Array | Error => this.#sizeFault(bytes) ?? bytes)
    for (const [at, { onProgress }] of batch.entries()) if (images[at] instanceof Uint8Array) onProgress?.('hash')
    return aroundErrors(images, async good => {
      try {
        return await this.#ports.hasher.hash(good, options)
      } catch (error) {
        options.signal?.throwIfAborted()
        return good.map(() => asError(error))
      }
    })
  }

  #seal(bytes: Uint8Array, code: HashCode, { name = '', labels = [], onProgress }: StoreOptions): SealedImage {
    const { cipher, clock, keys, random, signer, hasher } = this.#ports
    const { imageKey } = keys
    onProgress?.('encrypt')
    const encrypted = cipher.encrypt(bytes, { key: imageKey, random })
    const digest = sha256Hex(encrypted)
    const id = ownedImageId(signer.self, digest)
    const time = Math.floor(clock.now())
    const said = { name, labels, time, digest: contentDigest(bytes, imageKey), descriptor: code.descriptor }
    const masked = maskCode(this.#mask, code).bytes
    const metadata = sealMetadata(said, { image: id, imageKey, random })
    return { id, digest, space: hasher.space, code: masked, metadata, encrypted }
  }

  /** The time of a try: this owner's clock, and later than every try before. */
  #nextTime(): number {
    this.#askedAt = Math.max(Math.floor(this.#ports.clock.now()), this.#askedAt + 1)
    return this.#askedAt
  }

  /** What a master's answer proves; one that proves too little is told of, and the next is asked. */
  #proven<T>(master: PeerId, prove: () => T): T {
    try {
      return prove()
    } catch (error) {
      const reason = isNetError(error) ? error.message : asError(error).name
      this.#ports.log?.('a master does not prove what it says', { master, reason })
      throw error
    }
  }

  #sizeFault({ length: bytes }: Uint8Array): NetError | undefined {
    const maxBytes = Math.min(this.#init.maxImageBytes, MAX_ENCRYPTED_BYTES - this.#ports.cipher.overheadBytes)
    if (bytes === 0) return new NetError('IMAGE_INVALID', 'an image of zero bytes')
    if (bytes <= maxBytes) return undefined
    return new NetError('IMAGE_TOO_LARGE', `an image of ${bytes} bytes, at most ${maxBytes} are taken`, {
      detail: { bytes, maxBytes }
    })
  }

  #ask<A>(ask: (master: PeerId, options: Required<AbortOptions>) => Promise<A>, { signal }: AbortOptions): Promise<A> {
    const { clock, random } = this.#ports
    return askMasters(ask, { finder: this.#masters, clock, random, signal })
  }
}

async function* batchesOf<T>(items: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    if (batch.push(item) < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
