import { sha256Hex } from '../../base/bytes.ts'
import { type AbortOptions, type Clock, deadline } from '../../base/clock.ts'
import { isNetError, NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'
import type { EncodedRecord } from '../../indexing/encoded-record.ts'
import { originOf } from '../../indexing/image-record.ts'
import type { Network } from '../../protocols/network.ts'
import type { Beside } from '../../protocols/put-image.ts'
import { putRecord } from '../../protocols/put-record.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import { RecordSeal } from '../proofs/record-seal.ts'
import { isNote, type Verifier } from '../proofs/verify-proof.ts'

/** What having records kept by slaves needs. */
export interface RecordsBesidePorts {
  readonly network: Network
  readonly peers: PeerTable
  readonly clock: Clock
  readonly signer: Verifier
  readonly log: Log
  /** K_rEK: masters alone have it. */
  readonly thresholdKey: Uint8Array
}

const PATIENCE_MS = 5_000 // a write of some KiB by a slave that has just written a shadow

/** Has slaves keep the sealed record of each sharing beside their shadows: copies of the index for the day on which every master's disk is gone. */
export class RecordsBeside {
  readonly #ports: RecordsBesidePorts
  /** Seals and opens them. */
  readonly seal: RecordSeal

  constructor(ports: RecordsBesidePorts) {
    this.#ports = ports
    this.seal = new RecordSeal(ports.thresholdKey)
  }

  /** Have every holder of a record's sharing keep it; resolves to the notes of those that signed for it. Never rejects. */
  async putAll(record: EncodedRecord, options: AbortOptions): Promise<Beside> {
    const sealed = this.seal.seal(record)
    const digest = sha256Hex(sealed)
    const holders = record.record.stored?.placement.holders ?? []
    const notes = await Promise.all(
      holders.map(async ({ slave }) => {
        try {
          return [{ slave, signature: await this.#put(slave, record, { sealed, digest, ...options }) }]
        } catch (error) {
          this.#tell(slave, error)
          return []
        }
      })
    )
    return { digest, notes: notes.flat() }
  }

  /** Have one holder keep a record that it does not have; false when it did not. */
  async putOne(slave: PeerId, record: EncodedRecord, options: AbortOptions): Promise<boolean> {
    const sealed = this.seal.seal(record)
    try {
      await this.#put(slave, record, { sealed, digest: sha256Hex(sealed), ...options })
      return true
    } catch (error) {
      this.#tell(slave, error)
      return false
    }
  }

  /** @throws NetError `PROOF_INVALID` when the slave signed for something else, or what it answers */
  async #put(
    slave: PeerId,
    { record }: EncodedRecord,
    { sealed, digest, signal }: AbortOptions & { readonly sealed: Uint8Array; readonly digest: string }
  ): Promise<Uint8Array> {
    const { network, clock, signer, peers } = this.#ports
    if (record.stored === undefined) throw new TypeError('a tombstone lies beside no shadow')
    const [image, { sharing }] = [record.id, record.stored.placement]
    const limit = deadline(clock, PATIENCE_MS, { signal })
    try {
      const request = { image, sharing, ...originOf(record.stored), sealed }
      const { note } = await network.request(slave, putRecord, request, { signal: limit.signal })
      if (isNote({ image, sharing, digest, slave, signature: note }, signer)) return note
    } finally {
      limit.clear()
    }
    peers.get(slave)?.strike()
    throw new NetError('PROOF_INVALID', 'a slave did not sign for a record', { detail: { slave } })
  }

  #tell(slave: PeerId, error: unknown): void {
    if (!isNetError(error)) throw error
    this.#ports.log('record not kept beside its shadow yet', { slave, reason: error.code })
  }
}
