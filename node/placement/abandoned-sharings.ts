import type { Clock } from '../../base/clock.ts'
import type { ImageId, SharingId } from '../../base/ids.ts'
import type { Signer } from '../../crypto/signer.ts'
import { encodeAbort } from '../../indexing/encode-proof.ts'
import type { Holder } from '../../indexing/image-record.ts'
import { signAbort } from '../proofs/sign-proof.ts'
import type { BegunSharing, SharingJournal } from './sharing-journal.ts'
import { type DropPorts, dropShadows } from './slave-calls.ts'

/** A sharing that its master gave up. */
export interface Abandoned extends BegunSharing {
  /** When, on the monotonic clock: no later record of this master names it. */
  readonly since: number
}

const MOST = 10_000 // of some 300 bytes; slaves refuse the word of one master an hour after a put anyway

const LATEST_MS = 3_600_000 // as long as slaves take one master's word; an older line may be of a backup that was restored

/**
 * The sharings that this master made and gave up, or was killed over. Only of these does it say that no record names them:
 * that its index does not is no reason, for an index can be lost.
 */
export class AbandonedSharings {
  readonly #sharings = new Map<string, Abandoned>()
  readonly #clock: Clock
  readonly #journal: SharingJournal | undefined

  /** @param journal without one, nothing is known of what this master was killed over */
  constructor(clock: Clock, journal?: SharingJournal) {
    this.#clock = clock
    this.#journal = journal
  }

  /** Begin with what the last life left open. @throws NetError of `diskError` */
  async load(): Promise<void> {
    const now = this.#clock.now()
    for (const begun of (await this.#journal?.load()) ?? []) {
      if (Math.abs(now - begun.time) < LATEST_MS) this.note(begun, this.#clock.monotonic())
      else await this.#journal?.end(begun)
    }
  }

  /** Shadows of a sharing are about to be put. @throws NetError `STORE_FULL`, `STORE_READ_ONLY` */
  async begin({ image, sharing, origin }: BegunSharing): Promise<void> {
    await this.#journal?.begin({ image, sharing, origin, time: Math.floor(this.#clock.now()) })
  }

  /** A record names it now. A line that cannot be written only costs a look at the index later. */
  async end(sharing: BegunSharing): Promise<void> {
    await this.#journal?.end(sharing).catch(() => undefined)
  }

  /** This master will never name a sharing that it made. */
  note({ image, sharing, origin }: BegunSharing, since: number): void {
    this.#sharings.set(`${image}/${sharing}`, { image, sharing, origin, since })
    const [first] = this.#sharings.values()
    if (this.#sharings.size <= MOST) return
    this.#sharings.delete(`${first.image}/${first.sharing}`)
    void this.end(first)
  }

  /** What was noted of a sharing. */
  find(image: ImageId, sharing: SharingId): Abandoned | undefined {
    return this.#sharings.get(`${image}/${sharing}`)
  }
}

/** What giving up a sharing needs. */
export interface GiveUpPorts extends DropPorts {
  readonly signer: Signer
  readonly abandoned: AbandonedSharings
}

/** Give up a sharing that this master made: note it, and have dropped at once what lies of it anywhere. */
export async function giveUp(
  places: readonly Pick<Holder, 'slave' | 'number'>[],
  given: BegunSharing,
  ports: GiveUpPorts
): Promise<void> {
  const { image, sharing } = given
  ports.abandoned.note(given, ports.clock.monotonic())
  await dropShadows(places, { image, sharing, proof: abortProof(given, ports) }, ports)
}

/** This master's word that it gave up a sharing that it put itself: what its shadows are dropped on. */
export function abortProof(
  { image, sharing, origin }: BegunSharing,
  { clock, signer }: { readonly clock: Clock; readonly signer: Signer }
): Uint8Array[] {
  return [encodeAbort(signAbort({ image, sharing, origin, time: Math.floor(clock.now()) }, signer))]
}
