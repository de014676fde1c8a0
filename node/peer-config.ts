import type { Log } from '../base/log.ts'
import type { Member, Role } from '../base/roles.ts'
import type { AnswerWatch } from '../protocols/answerer.ts'
import type { KeyRing } from '../crypto/keys.ts'
import type { ImageHasher } from './client/client-ports.ts'
import type { UserInit } from './client/user.ts'
import type { MasterInit } from './master/master-init.ts'
import type { ThresholdPolicy } from './placement/choose-threshold.ts'
import type { SlaveInit } from './slave/slave.ts'

/** One peer, as its operator describes it. Everything but the folder and the roster may be left out. */
export interface PeerConfig {
  /** Folder of this peer: identity, shadows, index. Made on the first start; belongs to one process. */
  readonly dataFolder: string
  /** Every admitted peer, this one among them. */
  readonly members: readonly Member[]
  /** Which of the roles that the roster gives this peer it takes up; all of them when left out. */
  readonly roles?: readonly Role[]
  /** The keys its roles need; none for a slave. */
  readonly keys?: KeyRing
  /** Multiaddrs to listen on; none for a peer that only asks. */
  readonly listen?: readonly string[]
  /** Multiaddrs of peers already running; none for the first. */
  readonly bootstrap?: readonly string[]
  /** Hash model of owners and users: a name in the manifest, its default one when left out; or another hasher. */
  readonly model?: string | ImageHasher
  /** Folder with `manifest.json` and the models; the shipped ones when left out. */
  readonly modelsFolder?: string
  /** Length of the hash code in bits. */
  readonly bits?: number
  /** Name of the image cipher. */
  readonly cipher?: string
  /** Name of the shadow scheme. */
  readonly scheme?: string
  /** Which (r, s) a master draws. */
  readonly threshold?: Partial<ThresholdPolicy>
  /** Name of the way in which a master chooses slaves; an own one goes into `master.placement`. */
  readonly placement?: string
  /** The most bytes of shadows that a slave keeps. */
  readonly quotaBytes?: number
  /** The largest image that an owner takes, in bytes. */
  readonly maxImageBytes?: number
  /** Finer settings of the roles. */
  readonly master?: MasterInit
  readonly slave?: SlaveInit
  readonly user?: UserInit
  readonly log?: Log
  /** Told of every request that this peer answers or refuses. */
  readonly watch?: AnswerWatch
}

/** Defaults of {@link PeerConfig}; `OWNER_DEFAULTS` and `THRESHOLD_DEFAULTS` hold those of its other fields. */
export const PEER_DEFAULTS: Required<Pick<PeerConfig, 'bits' | 'cipher' | 'scheme' | 'placement' | 'quotaBytes'>> =
  Object.freeze({
    bits: 16, // the paper's best length (its Tables 5 to 7)
    cipher: 'qms2',
    scheme: 'bai',
    placement: 'spread',
    quotaBytes: 64 * 1024 ** 3
  })
