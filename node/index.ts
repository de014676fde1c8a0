export { generateKeys, type KeyRing, type Keys, keysFor } from '../crypto/keys.ts'
export type { Split } from '../crypto/split.ts'
export type { Clock } from '../base/clock.ts'
export { systemClock } from '../base/clock.ts'
export { ERROR_CODES, type ErrorCode, isNetError, NetError } from '../base/errors.ts'
export { type ImageId, imageId, type PeerId, peerId, type Site, site } from '../base/ids.ts'
export { type Random, systemRandom } from '../base/random.ts'
export { type Member, ROLES, type Role, type Roster } from '../base/roles.ts'
export {
  allowedThresholds,
  THRESHOLD_DEFAULTS,
  THRESHOLD_PRESETS,
  type ThresholdPolicy
} from './placement/choose-threshold.ts'
export type { ClientKeys, ClientPorts, ImageHasher } from './client/client-ports.ts'
export { type Candidate, drawSlaves, type SlaveDraw } from './placement/draw-slaves.ts'
export { SLAVE_PLACEMENTS, type SlavePlacement } from './placement/slave-placements.ts'
export { failureProbability } from './placement/failure-probability.ts'
export { type Identity, loadIdentity } from './peers/identity.ts'
export { listRoster } from './peers/list-roster.ts'
export type { Log } from '../base/log.ts'
export { Master } from './master/master.ts'
export { MASTER_DEFAULTS, type MasterInit } from './master/master-init.ts'
export type { MasterPorts } from './master/master-ports.ts'
export type { MasterKeys } from './placement/place-image.ts'
export { OWNER_DEFAULTS, Owner, type OwnerInit, type OwnerPorts } from './client/owner.ts'
export type {
  BatchItem,
  BatchResult,
  SealedImage,
  StoredImage,
  StoreOptions,
  StoreStage
} from './client/stored-image.ts'
export type { ListedImage, ListOptions } from './client/list-images.ts'
export { modelHasher } from './client/model-hasher.ts'
export { openPeer } from './open-peer.ts'
export { openMaster, openOwner, openSlave, openUser } from './open-role.ts'
export type { Peer, PeerAs, PeerRoles } from './peer.ts'
export { PEER_DEFAULTS, type PeerConfig } from './peer-config.ts'
export type { Metadata } from './client/seal-metadata.ts'
export { SLAVE_DEFAULTS, Slave, type SlaveInit, type SlavePorts } from './slave/slave.ts'
export { type FoundImage, type SearchOptions, USER_DEFAULTS, User, type UserInit } from './client/user.ts'
