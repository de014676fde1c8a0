import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { VerifyPorts } from './verify-record.ts'
import { isKept } from './verify-proof.ts'

/** One master's word that it keeps a record. */
export interface KeptBy {
  readonly master: PeerId
  /** Ed25519 over the `Kept` of that record and master. */
  readonly signature: Uint8Array
}

const COPIES = 2 // one disk may die

/**
 * How many different masters of this network signed that they keep the record of `digest` (SHA-256 of its encoding, hex).
 * @throws NetError `PROOF_INVALID` when they are fewer than two, or than all where the roster has fewer
 */
export function countKept(digest: string, kept: readonly KeptBy[], { signer, roster }: VerifyPorts): number {
  const masters = new Set<PeerId>()
  for (const { master, signature } of kept) {
    if (masters.has(master) || !roster.member(master)?.roles.includes('master')) continue
    if (isKept({ digest, master, signature }, signer)) masters.add(master)
  }
  const need = Math.max(1, Math.min(COPIES, roster.withRole('master').length))
  if (masters.size >= need) return masters.size
  throw new NetError('PROOF_INVALID', 'fewer masters than are needed signed that they keep the record', {
    detail: { have: masters.size, need }
  })
}
