import { sha256Hex } from '../../base/bytes.ts'
import { isNetError } from '../../base/errors.ts'
import { decodeClaim } from '../../indexing/encode-record.ts'
import type { ImageClaim } from '../../indexing/image-record.ts'
import { type VerifyPorts, verifyClaim } from './verify-record.ts'

const MOST = 4096 // some 1 KiB each; a search shows mostly what the one before showed

/** Reads claims that masters tell, and remembers those whose signature it has checked. */
export class VerifiedClaims {
  readonly #ports: VerifyPorts
  /** By the SHA-256 of their encoding, in the order of their last use. */
  readonly #known = new Map<string, ImageClaim>()

  constructor(ports: VerifyPorts) {
    this.#ports = ports
  }

  /** The claim in `encoded` when an owner of this network signed it; undefined when it is anything else. */
  read(encoded: Uint8Array): ImageClaim | undefined {
    const key = sha256Hex(encoded)
    const claim = this.#known.get(key) ?? this.#verify(encoded)
    if (claim === undefined) return undefined
    this.#known.delete(key)
    this.#known.set(key, claim)
    if (this.#known.size > MOST) {
      const [oldest] = this.#known.keys()
      this.#known.delete(oldest)
    }
    return this.#ports.roster.member(claim.owner)?.roles.includes('owner') ? claim : undefined
  }

  #verify(encoded: Uint8Array): ImageClaim | undefined {
    try {
      const claim = decodeClaim(encoded)
      verifyClaim(claim, this.#ports.signer)
      return claim
    } catch (error) {
      if (isNetError(error, 'MESSAGE_INVALID', 'SIGNATURE_INVALID')) return undefined
      throw error
    }
  }
}
