import type { Clock } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { type Random, randomBytes } from '../../base/random.ts'
import type { ImageCipher } from '../../crypto/image-cipher.ts'
import { cipherNamed } from '../../crypto/image-ciphers.ts'
import type { ShadowScheme } from '../../crypto/shadow-scheme.ts'
import { schemeNamed } from '../../crypto/shadow-schemes.ts'
import { hashCode } from '../../hashing/hash-code.ts'
import type { ThresholdPolicy } from '../../node/placement/choose-threshold.ts'
import type { ImageHasher } from '../../node/client/client-ports.ts'
import type { MasterInit } from '../../node/master/master-init.ts'
import type { Owner } from '../../node/client/owner.ts'
import type { User } from '../../node/client/user.ts'
import { twinScheme } from './twin-scheme.ts'

/** Which crypto a run uses: the paper's, the plain references, or cheap twins behind the same contracts. */
export const CRYPTO_NAMES = Object.freeze(['paper', 'reference', 'twin'] as const)

/** One of {@link CRYPTO_NAMES}. */
export type CryptoName = (typeof CRYPTO_NAMES)[number]

/** What a cluster is made of. */
export interface ClusterSpec {
  readonly seed: string | number
  readonly masters: number
  readonly slaves: number
  /** Slaves stand at so many sites, in turn. */
  readonly sites: number
  readonly crypto: CryptoName
  readonly threshold?: Partial<ThresholdPolicy>
  readonly master?: MasterInit
  /** The owner's and the user's hash model; {@link firstBytesHasher} when left out. */
  readonly hasher?: ImageHasher
}

/** The paper's simulation (Fig. 13): two masters, five slaves, each slave a site. */
export const CLUSTER_DEFAULTS: ClusterSpec = Object.freeze({
  seed: 1,
  masters: 2,
  slaves: 5,
  sites: 5,
  crypto: 'reference'
})

/** A network of peers with the real role code, on either engine. */
export interface Cluster {
  readonly engine: 'virtual' | 'real'
  readonly masters: readonly PeerId[]
  readonly slaves: readonly PeerId[]
  readonly owner: Owner
  readonly user: User
  readonly clock: Clock
  /** Start every peer; resolves once every master knows every other peer that matters. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Let time pass until `work` ends. */
  drive<T>(work: Promise<T>): Promise<T>
  /** A peer stops answering for shadows and images, at once and without losing any; `open` ends it. */
  close(peer: PeerId): void
  open(peer: PeerId): void
  /** A peer's process is killed; `up` starts it again on the same disk. */
  down(peer: PeerId): Promise<void>
  up(peer: PeerId): Promise<void>
}

/** @throws NetError `SCENARIO_INVALID` naming what no cluster can be */
export function checkSpec({ masters, slaves, sites, threshold }: ClusterSpec): void {
  const whole = (name: string, value: number, least: number, most: number): void => {
    if (Number.isInteger(value) && value >= least && value <= most) return
    throw new NetError('SCENARIO_INVALID', `${name} must be a whole number from ${least} to ${most}, not ${value}`)
  }
  whole('masters', masters, 1, 64)
  whole('slaves', slaves, 2, 4096)
  whole('sites', sites, 1, 4096)
  const fixed = threshold?.fixed
  if (fixed !== undefined) checkPair(fixed.threshold, fixed.total, slaves)
}

/** @throws NetError `SCENARIO_INVALID` unless 2 <= r <= s <= slaves (and 255) */
export function checkPair(r: number, s: number, slaves = 255): void {
  const fault = (reason: string): NetError =>
    new NetError('SCENARIO_INVALID', `(r, s) = (${r}, ${s}): ${reason}`, { detail: { r, s, slaves } })
  if (!Number.isInteger(r) || !Number.isInteger(s)) throw fault('both must be whole numbers')
  if (r < 2) throw fault('r must be 2 or more, with r = 1 every shadow is the image')
  if (r > s) throw fault('r must not exceed s')
  if (s > Math.min(255, slaves)) throw fault(`s must not exceed the ${Math.min(255, slaves)} slaves`)
}

/** The cipher and the scheme of a name. */
export function cryptoNamed(name: CryptoName): { readonly cipher: ImageCipher; readonly scheme: ShadowScheme } {
  if (name === 'paper') return { cipher: cipherNamed('qms2'), scheme: schemeNamed('bai') }
  return { cipher: cipherNamed('aead'), scheme: name === 'twin' ? twinScheme : schemeNamed('disperse') }
}

/** The simulator's model: an image's first eight bytes are its hash code, so images that start alike are near. */
export const firstBytesHasher: ImageHasher = Object.freeze({
  space: Object.freeze({ model: '5'.repeat(64), view: '1'.repeat(64), bits: 64 }),
  hash: async (images: readonly Uint8Array[]) => images.map(image => hashCode(image.slice(0, 8)))
})

/** Random bytes that stand for an image. */
export function exampleImage(random: Random, bytes: number): Uint8Array {
  return randomBytes(random, Math.max(8, bytes))
}
