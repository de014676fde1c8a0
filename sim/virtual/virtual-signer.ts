import { hash } from 'node:crypto'
import type { PeerId } from '../../base/ids.ts'
import type { Signer } from '../../crypto/signer.ts'

/**
 * A cheap twin of Ed25519 for runs at scale: a digest of peer and message in place of a signature. It tells altered
 * messages and other peers apart as the real one does, and protects against nobody.
 */
export class VirtualSigner implements Signer {
  readonly self: PeerId

  constructor(self: PeerId) {
    this.self = self
  }

  sign(message: Uint8Array): Uint8Array {
    return seal(this.self, message)
  }

  verify(peer: PeerId, message: Uint8Array, signature: Uint8Array): boolean {
    return signature.length === 64 && Buffer.compare(seal(peer, message), signature) === 0
  }
}

function seal(peer: PeerId, message: Uint8Array): Uint8Array {
  return hash('sha512', Buffer.concat([Buffer.from(peer), message]), 'buffer')
}
