export { generateKeys, type KeyRing, type Keys, keysFor } from '../crypto/keys.ts'
export type { Clock } from '../base/clock.ts'
export { systemClock } from '../base/clock.ts'
export { ERROR_CODES, type ErrorCode, isNetError, NetError } from '../base/errors.ts'
export { type ImageId, imageId, type PeerName, peerName, type Site, site } from '../base/ids.ts'
export { type Random, systemRandom } from '../base/random.ts'
export { type Member, ROLES, type Role, type Roster } from '../base/roles.ts'
export {
  allowedThresholds,
  THRESHOLD_DEFAULTS,
  THRESHOLD_PRESETS,
  type Threshold,
  type ThresholdPolicy
} from './choose-threshold.ts'
export type { ClientKeys, ClientPorts, ImageHasher } from './client-ports.ts'
export { failureProbability } from './failure-probability.ts'
export { type Identity, loadIdentity } from './identity.ts'
export { listRoster } from './list-roster.ts'
export type { Log } from './log.ts'
export { MASTER_DEFAULTS, Master, type MasterInit } from './master.ts'
export type { MasterKeys, MasterPorts } from './master-ports.ts'
export {
  type BatchItem,
  type BatchResult,
  OWNER_DEFAULTS,
  Owner,
  type OwnerInit,
  type OwnerPorts,
  type SealedImage,
  type StoredImage,
  type StoreOptions,
  type StoreStage
} from './owner.ts'
export { modelHasher } from './model-hasher.ts'
export { openPeer, PEER_DEFAULTS, type Peer, type PeerConfig } from './open-peer.ts'
export type { Metadata } from './seal-metadata.ts'
export { SLAVE_DEFAULTS, Slave, type SlaveInit, type SlavePorts } from './slave.ts'
export { type FoundImage, type SearchOptions, USER_DEFAULTS, User, type UserInit } from './user.ts'
