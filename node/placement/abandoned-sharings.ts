import type { Clock } from '../../base/clock.ts'
import type { ImageId, SharingId } from '../../base/ids.ts'
import type { Signer } from '../../crypto/signer.ts'
import { encodeAbort } from '../../indexing/encode-proof.ts'
import type { Holder } from '../../indexing/image-record.ts'
import type { Abort, Origin } from '../../indexing/proof.ts'
import { signAbort } from '../proofs/sign-proof.ts'
import { type DropPorts, dropShadows } from './slave-calls.ts'

/** A sharing that its master gave up. */
export interface Abandoned {
  readonly origin: Origin
  /** When, on the monotonic clock: no later record of this master names it. */
  readonly since: number
}

const MOST = 10_000 // of some 300 bytes; slaves refuse the word of one master an hour after a put anyway

/**
 * The sharings that this master made and gave up since it started. Only of these does it say that no record names them: that
 * its index does not is no reason, for an index can be lost.
 */
export class AbandonedSharings {
  readonly #sharings = new Map<string, Abandoned>()

  /** This master will never name a sharing that it made. */
  note({ image, sharing, origin }: Pick<Abort, 'image' | 'sharing' | 'origin'>, since: number): void {
    this.#sharings.set(`${image}/${sharing}`, { origin, since })
    const [first] = this.#sharings.keys()
    if (this.#sharings.size > MOST) this.#sharings.delete(first)
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
  given: Pick<Abort, 'image' | 'sharing' | 'origin'>,
  ports: GiveUpPorts
): Promise<void> {
  const { image, sharing } = given
  ports.abandoned.note(given, ports.clock.monotonic())
  await dropShadows(places, { image, sharing, proof: abortProof(given, ports) }, ports)
}

/** This master's word that it gave up a sharing that it put itself: what its shadows are dropped on. */
export function abortProof(
  { image, sharing, origin }: Pick<Abort, 'image' | 'sharing' | 'origin'>,
  { clock, signer }: { readonly clock: Clock; readonly signer: Signer }
): Uint8Array[] {
  return [encodeAbort(signAbort({ image, sharing, origin, time: Math.floor(clock.now()) }, signer))]
}
