export type { DeleteImageAnswer, DeleteImageRequest } from './delete-image.ts'
export { deleteImage } from './delete-image.ts'
export type { DropShadowAnswer } from './drop-shadow.ts'
export { dropShadow } from './drop-shadow.ts'
export type { FindPeersAnswer, FindPeersRequest, LocatedPeer } from './find-peers.ts'
export { findPeers } from './find-peers.ts'
export type { GetImageAnswer, GetImageRequest } from './get-image.ts'
export { getImage } from './get-image.ts'
export type { GetShadowAnswer } from './get-shadow.ts'
export { getShadow } from './get-shadow.ts'
export {
  ENVELOPE_BYTES,
  MAX_CLAIM_BYTES,
  MAX_ENCRYPTED_BYTES,
  MAX_ITEMS,
  MAX_RECORDS_BYTES,
  MAX_SHADOW_BYTES
} from './limits.ts'
export type { ListedShadow, ListShadowsAnswer, ListShadowsRequest } from './list-shadows.ts'
export { listShadows } from './list-shadows.ts'
export type { LivenessAnswer, LivenessRequest } from './liveness.ts'
export { liveness } from './liveness.ts'
export type { Codec } from '../codec/codec.ts'
export type { Directory, Handler, Network, Protocol } from './network.ts'
export type { MasterStatus, NetworkStatusAnswer, NetworkStatusRequest, SlaveStatus } from './network-status.ts'
export { networkStatus } from './network-status.ts'
export type { PutImageAnswer, PutImageRequest } from './put-image.ts'
export { putImage } from './put-image.ts'
export type { PutShadowAnswer, PutShadowRequest } from './put-shadow.ts'
export { putShadow } from './put-shadow.ts'
export type { SearchImagesAnswer, SearchImagesRequest, SearchResult } from './search-images.ts'
export { searchImages } from './search-images.ts'
export type {
  PulledRecords,
  PullRecords,
  PushedRecords,
  PushRecords,
  SequencedRecord,
  SyncRecordsAnswer,
  SyncRecordsRequest
} from './sync-records.ts'
export { syncRecords } from './sync-records.ts'
