import { NetError } from '../../base/errors.ts'
import { leafCount, merkleLeaves } from '../../base/merkle-tree.ts'
import type { AuditShadowAnswer, AuditShadowRequest } from '../../protocols/audit-shadow.ts'
import type { SoundShadows } from './sound-shadows.ts'

/**
 * The leaves that a master drew, from all of the shadow as the disk gives it now.
 * @throws NetError `SHADOW_MISSING`, `SHADOW_CORRUPT`, `MESSAGE_INVALID` for a leaf that the shadow does not have
 */
export async function showLeaves(
  { leaves, ...key }: AuditShadowRequest,
  shadows: Pick<SoundShadows, 'get'>
): Promise<AuditShadowAnswer> {
  const shadow = await shadows.get(key)
  const beyond = leaves.find(index => index >= leafCount(shadow.length))
  if (beyond === undefined) return { leaves: merkleLeaves(shadow, leaves) }
  throw new NetError('MESSAGE_INVALID', 'the shadow has no such leaf', { detail: { leaf: beyond } })
}
