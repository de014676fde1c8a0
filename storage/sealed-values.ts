import { sha256Hex } from '../base/bytes.ts'
import type { SyncedLevel } from '../base/synced-level.ts'
import type { RecordMark, SharingKey } from './shadow-store.ts'

/** The Level key of the record beside a shadow that is held. */
export function recordKey(key: SharingKey): string {
  return `record/${key.image}/${key.sharing}`
}

/** The Level key of the record beside a shadow in the trash. */
export function trashedRecordKey(key: SharingKey): string {
  return `record-trash/${key.image}/${key.sharing}`
}

/** The sealed record that a mark speaks of, under a Level key; undefined when it is not there as it was put. */
export async function readSealed(
  level: SyncedLevel,
  name: string,
  record: RecordMark | undefined
): Promise<Uint8Array | undefined> {
  const sealed = record && (await level.get(name))
  return sealed !== undefined && sha256Hex(sealed) === record?.digest ? new Uint8Array(sealed) : undefined
}
