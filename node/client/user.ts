import { ownedImageId, sha256Hex } from '../../base/bytes.ts'
import type { AbortOptions } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { ImageId, PeerId } from '../../base/ids.ts'
import { checkWhole, withDefaults } from '../../base/options.ts'
import { type CodeMask, codeMask, maskCode } from '../../hashing/code-mask.ts'
import type { Descriptor } from '../../hashing/descriptor.ts'
import type { HashCode } from '../../hashing/hash-code.ts'
import { getImage } from '../../protocols/get-image.ts'
import { MAX_ITEMS } from '../../protocols/limits.ts'
import { type NetworkStatusAnswer, networkStatus } from '../../protocols/network-status.ts'
import { type SearchImagesRequest, searchImages } from '../../protocols/search-images.ts'
import { askMasters, mostTelling } from './ask-masters.ts'
import type { ClientPorts } from './client-ports.ts'
import { contentDigest } from './content-digest.ts'
import { describeImage } from './describe-image.ts'
import { hashOne } from './hash-one.ts'
import { gatherCandidates } from './gather-candidates.ts'
import { type ListedImage, type ListOptions, type ListPorts, listImages } from './list-images.ts'
import { type MasterReport, mergeAnswers, type Ranked, type RankedBy } from './merge-answers.ts'
import { MasterFinder } from '../peers/find-masters.ts'
import { VerifiedClaims } from '../proofs/verified-claims.ts'
import { raceAnswers } from '../peers/race-answers.ts'
import { type JudgedImage, type VerifyOptions, verifyStoredImages } from './verify-images.ts'
import { type Likeness, likeness, rankFound } from './rank-found.ts'
import { type OpenedMetadata, tryOpenMetadata } from './try-open-metadata.ts'

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

/** An image found, most similar first. */
export interface FoundImage extends OpenedMetadata, Likeness {
  readonly id: ImageId
  /** From 1. */
  readonly rank: number
  /** Hamming distance to the query in bits. */
  readonly distance: number
  /** Size of the encrypted image in bytes. */
  readonly size: number
  readonly owner: PeerId
}

/** How many images are wanted, and until when. */
export interface SearchOptions extends AbortOptions {
  /** 1 to 1000; 10 when left out. */
  readonly k?: number
  /** So many masters rank the query instead of {@link UserInit.searchMasters}. */
  readonly masters?: number
  /** Is told how far each master that answered was right. */
  readonly onReport?: (reports: readonly MasterReport[]) => void
}

/** A user (MU): searches by showing an image, and fetches what is similar. */
export class User {
  readonly #ports: ClientPorts
  readonly #init: Required<UserInit>
  readonly #masters: MasterFinder
  readonly #mask: CodeMask
  readonly #claims: VerifiedClaims

  constructor(ports: ClientPorts, init: UserInit = {}) {
    this.#ports = ports
    this.#init = withDefaults(USER_DEFAULTS, init)
    this.#masters = new MasterFinder(ports)
    this.#mask = codeMask(ports.keys.indexKey, ports.hasher.space)
    this.#claims = new VerifiedClaims(ports)
  }

  /**
   * The k stored images most similar to a query image (TrapdoorGen, SimImgSearch).
   * @throws NetError `IMAGE_INVALID`, `DICOM_INVALID`, `NO_MASTERS`, `MODEL_MISMATCH`, `CODE_LENGTH_MISMATCH`
   */
  async search(query: Uint8Array, options: SearchOptions = {}): Promise<FoundImage[]> {
    return this.searchCode(await hashOne(this.#ports.hasher, query, options), options)
  }

  /** Like {@link search}, with the query's hash code at hand. */
  async searchCode(code: HashCode, { k = 10, masters, signal, onReport }: SearchOptions = {}): Promise<FoundImage[]> {
    checkWhole('k', k, 1, MAX_ITEMS)
    const need = masters ?? this.#init.searchMasters
    checkWhole('masters', need, 1, MAX_ITEMS)
    const { space } = this.#ports.hasher
    const masked = maskCode(this.#mask, code)
    const candidates = await gatherCandidates(code, k, async page => {
      const answers = await this.#rank({ code: masked.bytes, ...space, ...page }, need, { signal })
      const { ranked, reports } = mergeAnswers(answers, { code: masked, space, k: page.k, claims: this.#claims })
      // Of the first page alone: what one master holds more moves the others' later pages by that much.
      if (page.skip === 0) this.#tell(reports, onReport)
      return ranked
    })
    return rankFound(
      candidates.map(each => this.#found(each, code.descriptor)),
      code.bits
    )
      .slice(0, k)
      .map((each, at) => ({ ...each, rank: at + 1 }))
  }

  /**
   * An image's bytes, as its owner gave them (secure retrieval phase).
   * @throws NetError `IMAGE_NOT_FOUND`, `NOT_ENOUGH_SHADOWS`, `KEY_WRONG`, `IMAGE_CORRUPT`, `NO_MASTERS`
   */
  async fetch(id: ImageId, options: AbortOptions = {}): Promise<Uint8Array> {
    const encrypted = await this.fetchEncrypted(id, options)
    const { cipher, cipherOf, keys } = this.#ports
    return (cipherOf?.(encrypted) ?? cipher).decrypt(encrypted, { key: keys.imageKey })
  }

  /** The encrypted image, checked against its id; whichever master gives it. */
  async fetchEncrypted(id: ImageId, { signal }: AbortOptions = {}): Promise<Uint8Array> {
    return this.#ask(
      async (master, options) => {
        const { owner, encrypted } = await this.#ports.network.request(master, getImage, { image: id }, options)
        const digest = sha256Hex(encrypted) // in version 1 the id itself
        if (digest === id || ownedImageId(owner, digest) === id) return encrypted
        throw new NetError('IMAGE_CORRUPT', 'a master gave other bytes than the id names', { detail: { master } })
      },
      { signal }
    )
  }

  /** How the network stands, as one master sees it. @throws NetError `NO_MASTERS` */
  async status({ signal }: AbortOptions = {}): Promise<NetworkStatusAnswer> {
    return this.#ask((master, options) => this.#ports.network.request(master, networkStatus, {}, options), { signal })
  }

  /** How every stored image stands, as a master finds it by asking the slaves now, in the order of ids. @throws NetError `NO_MASTERS` */
  verify(options: VerifyOptions = {}): AsyncGenerator<JudgedImage> {
    const { network } = this.#ports
    return verifyStoredImages({ network, ask: (ask, options) => this.#ask(ask, options) }, options)
  }

  /** Every stored image that a master names, in the order of ids. @throws NetError `NO_MASTERS` */
  list(options: ListOptions = {}): AsyncGenerator<ListedImage> {
    return listImages(this.#listPorts(), options)
  }

  /** One stored image, as its owner's claim has it. @throws NetError `IMAGE_NOT_FOUND`, `NO_MASTERS` */
  async describe(id: ImageId, options: AbortOptions = {}): Promise<ListedImage> {
    return describeImage(this.#listPorts(), id, options)
  }

  /** What the metadata of an image with these bytes has as `digest`, whenever it was stored under these keys. */
  digestOf(image: Uint8Array): string {
    return contentDigest(image, this.#ports.keys.imageKey)
  }

  async #rank(request: SearchImagesRequest, need: number, { signal }: AbortOptions): Promise<RankedBy[]> {
    const { network, clock } = this.#ports
    const failures: Error[] = []
    const answers = await raceAnswers(await this.#masters.some({ signal }), {
      clock,
      signal,
      need,
      start: need,
      settleAfterMs: this.#init.settleMs,
      ask: async (master, options) => {
        const answer = await network.request(master, searchImages, request, options)
        this.#masters.answered(master)
        return { master, answer }
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

  #tell(reports: readonly MasterReport[], onReport: SearchOptions['onReport']): void {
    for (const report of reports) {
      if (report.false > 0 || report.withheld > 0) this.#ports.log?.('a search differs between masters', { ...report })
    }
    onReport?.(reports)
  }

  #found({ claim, distance }: Ranked, query: Descriptor | undefined): Omit<FoundImage, 'rank'> {
    const { id, size, owner, metadata } = claim
    const opened = tryOpenMetadata(metadata, { image: id, imageKey: this.#ports.keys.imageKey })
    return { id, distance, size, owner, ...opened, ...likeness(query, opened.metadata?.descriptor) }
  }

  #listPorts(): ListPorts {
    return { ...this.#ports, claims: this.#claims, imageKey: this.#ports.keys.imageKey, ask: this.#ask.bind(this) }
  }

  #ask<A>(ask: (master: PeerId, options: Required<AbortOptions>) => Promise<A>, { signal }: AbortOptions): Promise<A> {
    const { clock, random } = this.#ports
    return askMasters(ask, { finder: this.#masters, clock, random, signal, hedgeAfterMs: this.#init.hedgeMs })
  }
}
