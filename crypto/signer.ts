import type { PeerId } from '../base/ids.ts'

/** Signs as this peer, and checks what other peers signed. Peer ids are Ed25519 public keys, so no key look-up is needed. */
export interface Signer {
  readonly self: PeerId
  /** Ed25519 signature of `message`, 64 bytes. */
  sign(message: Uint8Array): Uint8Array
  /** Whether `signature` is `peer`'s over `message`. */
  verify(peer: PeerId, message: Uint8Array, signature: Uint8Array): boolean
  /** What {@link verify} says, found out in another thread: for many at a time. Left out where threads are of no use. */
  verifyLater?(peer: PeerId, message: Uint8Array, signature: Uint8Array): Promise<boolean>
}
