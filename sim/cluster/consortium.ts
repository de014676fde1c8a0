import type { Roster } from '../../base/roles.ts'
import type { ImageCipher } from '../../crypto/image-cipher.ts'
import type { Keys } from '../../crypto/keys.ts'
import type { ShadowScheme } from '../../crypto/shadow-scheme.ts'
import type { Signer } from '../../crypto/signer.ts'
import type { ImageHasher } from '../../node/client/client-ports.ts'
import type { OwnerPorts } from '../../node/client/owner.ts'
import { Master } from '../../node/master/master.ts'
import type { MasterInit } from '../../node/master/master-init.ts'
import type { MasterPorts } from '../../node/master/master-ports.ts'
import { Slave, type SlavePorts } from '../../node/slave/slave.ts'
import type { PeerTablePorts } from '../../node/peers/peer-table.ts'
import { firstBytesHasher } from './cluster.ts'

/** What all peers of a cluster have in common: who is admitted, the keys, the crypto. */
export interface Consortium {
  readonly roster: Roster
  readonly keys: Keys
  readonly cipher: ImageCipher
  readonly scheme: ShadowScheme
  /** {@link firstBytesHasher} when left out. */
  readonly hasher?: ImageHasher
}

/** What one peer sees the world through: every port of its role but its store. */
export type WorldPorts = Omit<PeerTablePorts, 'roster'> & { readonly signer: Signer }

/** A peer's master, not yet started. */
export function makeMaster(
  { roster, keys: { thresholdKey, macKey }, scheme }: Consortium,
  { records, ...world }: WorldPorts & Pick<MasterPorts, 'records' | 'journal'>,
  init?: MasterInit
): Master {
  return new Master({ ...world, records, roster, keys: { thresholdKey, macKey }, scheme }, init)
}

/** A peer's slave, not yet started. */
export function makeSlave(
  { roster }: Consortium,
  ports: WorldPorts & Pick<SlavePorts, 'shadows' | 'isLeaving'>
): Slave {
  return new Slave({ ...ports, roster })
}

/** What an owner or a user of the consortium works with. */
export function clientPorts(
  { roster, keys, cipher, hasher = firstBytesHasher }: Consortium,
  world: WorldPorts
): OwnerPorts {
  return { ...world, roster, keys, cipher, hasher }
}
