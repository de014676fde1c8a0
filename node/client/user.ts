import { imageIdOf } from '../../base/bytes.ts'
import type { AbortOptions } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import { checkWhole, withDefaults } from '../../base/options.ts'
import { type CodeMask, codeMask, maskCode } from '../../hashing/code-mask.ts'
import type { HashCode } from '../../hashing/hash-code.ts'
import { getImage } from '../../protocols/get-image.ts'
import { MAX_ITEMS } from '../../protocols/limits.ts'
import { type NetworkStatusAnswer, networkStatus } from '../../protocols/network-status.ts'
import { type SearchImagesAnswer, type SearchResult, searchImages } from '../../protocols/search-images.ts'
import { askMasters, mostTelling } from './ask-masters.ts'
import type { ClientPorts } from './client-ports.ts'
import { MasterFinder } from '../peers/find-masters.ts'
import { raceAnswers } from '../peers/race-answers.ts'
import { type Metadata, openMetadata } from './seal-metadata.ts'

/** How a {@link User} works. */
export interface UserInit {
  /** So many masters rank a query, and their answers are merged: one may not have caught up. */
  searchMasters?: number
  /** Once one master has ranked, the others are waited for this long, in ms. */
  settleMs?: number
  /** After this long without an answer another master is asked too, in ms. */
  hedgeMs?: number
}

/** Defaults of {@link UserInit}. */
export const USER_DEFAULTS: Required<UserInit> = Object.freeze({
  searchMasters: 2,
  settleMs: 500, // far above a ranking of a million codes
  hedgeMs: 5_000 // an image is gathered, rebuilt and sent in far less
})

/** An image found, nearest first. */
export interface FoundImage {
  readonly image: ImageId
  /** From 1. */
  readonly rank: number
  /** Hamming distance to the query in bits. */
  readonly distance: number
  /** Size of the encrypted image in bytes. */
  readonly size: number
  readonly owner: PeerId
  /** What its owner says of it; undefined when it was sealed under other keys. */
  readonly metadata: Metadata | undefined
}

/** How many images are wanted, and until when. */
export interface SearchOptions extends AbortOptions {
  /** 1 to 1000; 10 when left out. */
  readonly k?: number
}

/** A user (MU): searches by showing an image, and fetches what is similar. */
export class User {
  readonly #ports: ClientPorts
  readonly #init: Required<UserInit>
  readonly #masters: MasterFinder
  readonly #mask: CodeMask

  constructor(ports: ClientPorts, init: UserInit = {}) {
    this.#ports = ports
    this.#init = withDefaults(USER_DEFAULTS, init)
    this.#masters = new MasterFinder(ports)
    this.#mask = codeMask(ports.keys.indexKey, ports.hasher.space)
  }

  /**
   * The k stored images most similar to a query image (TrapdoorGen, SimImgSearch).
   * @throws NetError `IMAGE_INVALID`, `DICOM_INVALID`, `NO_MASTERS`, `MODEL_MISMATCH`, `CODE_LENGTH_MISMATCH`
   */
  async search(query: Uint8Array, options: SearchOptions = {}): Promise<FoundImage[]> {
    const [code] = await this.#ports.hasher.hash([query], options)
    return this.searchCode(code, options)
  }

  /** Like {@link search}, with the query's hash code at hand. */
  async searchCode(code: HashCode, { k = 10, signal }: SearchOptions = {}): Promise<FoundImage[]> {
    checkWhole('k', k, 1, MAX_ITEMS)
    const answers = await this.#rank(code, k, { signal })
    const merged = new Map<ImageId, SearchResult>()
    for (const { results } of answers) for (const result of results) merged.set(result.image, result)
    return [...merged.values()]
      .sort((a, b) => a.distance - b.distance || (a.image < b.image ? -1 : 1))
      .slice(0, k)
      .map(({ metadata, ...result }, at) => ({
        ...result,
        rank: at + 1,
        metadata: this.#openMetadata(result.image, metadata)
      }))
  }

  /**
   * An image's bytes, as its owner gave them (secure retrieval phase).
   * @throws NetError `IMAGE_NOT_FOUND`, `NOT_ENOUGH_SHADOWS`, `KEY_WRONG`, `IMAGE_CORRUPT`, `NO_MASTERS`
   */
  async fetch(image: ImageId, options: AbortOptions = {}): Promise<Uint8Array> {
    const encrypted = await this.fetchEncrypted(image, options)
    const { cipher, cipherOf, keys } = this.#ports
    return (cipherOf?.(encrypted) ?? cipher).decrypt(encrypted, { key: keys.imageKey })
  }

  /** The encrypted image, checked against its id; whichever master gives it. */
  async fetchEncrypted(image: ImageId, { signal }: AbortOptions = {}): Promise<Uint8Array> {
    return this.#ask(
      async (master, options) => {
        const { encrypted } = await this.#ports.network.request(master, getImage, { image }, options)
        if (imageIdOf(encrypted) === image) return encrypted
        throw new NetError('IMAGE_CORRUPT', 'a master gave other bytes than the id names', { detail: { master } })
      },
      { signal }
    )
  }

  /** How the network stands, as one master sees it. @throws NetError `NO_MASTERS` */
  async status({ signal }: AbortOptions = {}): Promise<NetworkStatusAnswer> {
    return this.#ask((master, options) => this.#ports.network.request(master, networkStatus, {}, options), { signal })
  }

  async #rank({ bytes }: HashCode, k: number, { signal }: AbortOptions): Promise<SearchImagesAnswer[]> {
    const { network, hasher, clock } = this.#ports
    const code = maskCode(this.#mask, { bits: bytes.length * 8, bytes })
    const request = { code: code.bytes, ...hasher.space, k }
    const failures: Error[] = []
    const answers = await raceAnswers(await this.#masters.some({ signal }), {
      clock,
      signal,
      need: this.#init.searchMasters,
      start: this.#init.searchMasters,
      settleAfterMs: this.#init.settleMs,
      ask: async (master, options) => {
        const answer = await network.request(master, searchImages, request, options)
        this.#masters.answered(master)
        return answer
      },
      lateAfterMs: () => this.#init.settleMs,
      failed: (master, error) => {
        failures.push(error)
        this.#masters.failed(master, error)
      }
    })
    if (answers.length === 0) throw mostTelling(failures)
    return answers
  }

  #openMetadata(image: ImageId, sealed: Uint8Array): Metadata | undefined {
    try {
      return openMetadata(sealed, { image, imageKey: this.#ports.keys.imageKey })
    } catch (error) {
      if (isNetError(error, 'KEY_WRONG', 'MESSAGE_INVALID')) return undefined
      throw error
    }
  }

  #ask<A>(ask: (master: PeerId, options: Required<AbortOptions>) => Promise<A>, { signal }: AbortOptions): Promise<A> {
    const { clock, random } = this.#ports
    return askMasters(ask, { finder: this.#masters, clock, random, signal, hedgeAfterMs: this.#init.hedgeMs })
  }
}
