import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Stored } from '../../indexing/image-record.ts'
import type { VerifyPorts } from './verify-record.ts'
import { isKept, isNote } from './verify-proof.ts'

/** One master's word that it keeps a record. */
export interface KeptBy {
  readonly master: PeerId
  /** Ed25519 over the `Kept` of that record and master. */
  readonly signature: Uint8Array
}

const COPIES = 2 // one disk may die

/** What slaves signed of the sealed record beside their shadows. */
export interface KeptBeside {
  /** SHA-256 of the sealed record, hex. */
  readonly digest: string
  readonly notes: readonly { readonly slave: PeerId; readonly signature: Uint8Array }[]
}

/**
 * How many different masters of this network signed that they keep the record of `digest` (SHA-256 of its encoding, hex).
 * @param isBeside whether every holder signed that it keeps the record beside its shadow: then one master is enough
 * @throws NetError `PROOF_INVALID` when they are fewer than two, or than all where the roster has fewer
 */
export function countKept(
  digest: string,
  kept: readonly KeptBy[],
  { signer, roster, isBeside = false }: VerifyPorts & { readonly isBeside?: boolean }
): number {
  const masters = new Set<PeerId>()
  for (const { master, signature } of kept) {
    if (masters.has(master) || !roster.member(master)?.roles.includes('master')) continue
    if (isKept({ digest, master, signature }, signer)) masters.add(master)
  }
  const need = isBeside ? 1 : Math.max(1, Math.min(COPIES, roster.withRole('master').length))
  if (masters.size >= need) return masters.size
  throw new NetError('PROOF_INVALID', 'fewer masters than are needed signed that they keep the record', {
    detail: { have: masters.size, need }
  })
}

/** How many different holders of a stored image signed that they keep one and the same sealed record beside their shadows. */
export function countBeside(
  { claim, placement }: Pick<Stored, 'claim' | 'placement'>,
  { digest, notes }: KeptBeside,
  { signer }: Pick<VerifyPorts, 'signer'>
): number {
  const of = { image: claim.id, sharing: placement.sharing, digest }
  return placement.holders.filter(({ slave }) =>
    notes.some(note => note.slave === slave && isNote({ ...of, ...note }, signer))
  ).length
}
