import { createHmac } from 'node:crypto'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { NetError } from '../../base/errors.ts'
import type { ImageId, SharingId } from '../../base/ids.ts'
import { deriveKey } from '../../crypto/derive.ts'
import { openSealed, sealWithNonce } from '../../crypto/seal.ts'
import { decodedRecord, type EncodedRecord } from '../../indexing/encoded-record.ts'
import type { Stored } from '../../indexing/image-record.ts'

const LABEL = 'sfmedir/kept-record/1'
const NONCE_BYTES = 24

/** Of which sharing a sealed record is. */
export interface SealedOf {
  readonly image: ImageId
  readonly sharing: SharingId
}

/** A record of a stored image, opened from a seal. */
export interface OpenedRecord extends EncodedRecord {
  readonly stored: Stored
}

/**
 * Seals records for slaves to keep beside their shadows: under a key that masters derive from K_rEK, bound to image and
 * sharing. The nonce comes from the record, so that every master makes the same bytes of it.
 */
export class RecordSeal {
  readonly #sealKey: Uint8Array
  readonly #nonceKey: Uint8Array

  /** @param thresholdKey K_rEK, 32 bytes */
  constructor(thresholdKey: Uint8Array) {
    const keys = deriveKey(thresholdKey, { info: LABEL, length: 64 })
    this.#sealKey = keys.subarray(0, 32)
    this.#nonceKey = keys.subarray(32)
  }

  /** A record sealed for the holders of its sharing's shadows. @throws TypeError for a tombstone, which no slave keeps */
  seal({ record, encoded }: EncodedRecord): Uint8Array {
    if (record.stored === undefined) throw new TypeError('a tombstone lies beside no shadow')
    const associated = contextOf({ image: record.id, sharing: record.stored.placement.sharing })
    const mac = createHmac('sha256', this.#nonceKey)
      .update(concat([associated, encoded]))
      .digest()
    const nonce = new Uint8Array(mac.subarray(0, NONCE_BYTES))
    return sealWithNonce(this.#sealKey, encoded, { associated, nonce })
  }

  /**
   * The record inside {@link seal}'s output; what it claims is not verified here.
   * @throws NetError `KEY_WRONG` when these keys did not seal it for this image and sharing, `MESSAGE_INVALID` when what is
   *   inside is no record of them
   */
  open(sealed: Uint8Array, of: SealedOf): OpenedRecord {
    const opened = decodedRecord(openSealed(this.#sealKey, sealed, { associated: contextOf(of) }))
    const { id, stored } = opened.record
    if (id === of.image && stored?.placement.sharing === of.sharing) return { ...opened, stored }
    throw new NetError('MESSAGE_INVALID', 'a sealed record of another sharing')
  }
}

function contextOf({ image, sharing }: SealedOf): Uint8Array {
  return fromString(`${LABEL}/${image}/${sharing}`)
}
