import { sha256Hex } from '../../base/bytes.ts'
import type { Signer } from '../../crypto/signer.ts'
import { getRecords, type SealedRecord } from '../../protocols/get-records.ts'
import { MAX_RECORDS_BYTES } from '../../protocols/limits.ts'
import type { Network } from '../../protocols/network.ts'
import { putRecord } from '../../protocols/put-record.ts'
import type { ShadowStore } from '../../storage/shadow-store.ts'
import type { Vitals } from '../peers/vitals.ts'
import { signNote } from '../proofs/sign-proof.ts'

/** What answering for sealed records needs. */
export interface AnswerRecordsPorts {
  readonly vitals: Vitals
  readonly signer: Signer
  /** @throws NetError `NOT_STARTED` */
  store(): ShadowStore
}

const ROOM_BYTES = 64 * 1024 // for the envelope
const ITEM_BYTES = 96 // of an answer, around a sealed record

/** Answer for the sealed records beside a slave's shadows: it signs for what is on stable storage, and can open none. */
export function answerRecords(network: Network, { vitals, signer, store }: AnswerRecordsPorts): void {
  network.handle(
    putRecord,
    vitals.counted(async ({ image, sharing, sealed, ...origin }, { peer: by }) => {
      await store().putRecord({ image, sharing }, sealed, { ...origin, by })
      return { note: signNote({ image, sharing, digest: sha256Hex(sealed) }, signer) }
    })
  )
  network.handle(
    getRecords,
    vitals.counted(async ({ wanted }) => {
      const records: SealedRecord[] = []
      let bytes = ROOM_BYTES
      for (const { image, sharing } of wanted) {
        const sealed = await store().getRecord({ image, sharing })
        if (sealed === undefined) continue
        bytes += sealed.length + ITEM_BYTES
        if (bytes > MAX_RECORDS_BYTES) break
        records.push({ image, sharing, sealed })
      }
      return { records }
    })
  )
}
