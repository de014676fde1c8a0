import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { toString as toText } from 'uint8arrays/to-string'
import { NetError } from '../base/errors.ts'
import type { PeerId } from '../base/ids.ts'
import type { Signer } from './signer.ts'

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
// an "identity" multihash of 36 bytes around libp2p's protobuf of an Ed25519 public key: its bytes stand in the name
const NAME_PREFIX = fromString('002408011220', 'hex')
const PRIVATE_PREFIX = fromString('302e020100300506032b657004220420', 'hex') // PKCS #8 (RFC 8410)
const PUBLIC_PREFIX = fromString('302a300506032b6570032100', 'hex') // SubjectPublicKeyInfo (RFC 8410)
const MAX_CACHED_KEYS = 1024

/** The signer of the peer whose Ed25519 private key is this seed. @throws RangeError when the seed is not 32 bytes */
export function createSigner(seed: Uint8Array): Signer {
  if (seed.length !== KEY_BYTES) throw new RangeError(`seed must be ${KEY_BYTES} bytes`)
  const der = Buffer.concat([PRIVATE_PREFIX, seed]) // a key is taken as a Buffer only
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  const publicDer = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const keys = new Map<PeerId, KeyObject>()
  const keyOf = (peer: PeerId): KeyObject | undefined => {
    const key = keys.get(peer) ?? readKey(peer)
    if (key) remember(keys, peer, key)
    return key
  }
  return {
    self: peerIdOf(publicDer.subarray(PUBLIC_PREFIX.length)),
    sign: message => new Uint8Array(sign(null, message, privateKey)),
    verify(peer, message, signature) {
      if (signature.length !== SIGNATURE_BYTES) return false
      const key = keyOf(peer)
      return key !== undefined && verify(null, message, key, signature)
    },
    async verifyLater(peer, message, signature) {
      if (signature.length !== SIGNATURE_BYTES) return false
      const key = keyOf(peer)
      if (key === undefined) return false
      return new Promise((resolve, reject) =>
        verify(null, message, key, signature, (error, isGood) => (error === null ? resolve(isGood) : reject(error)))
      )
    }
  }
}

/** The libp2p peer id of an Ed25519 public key (32 bytes): `12D3Koo…`. */
export function peerIdOf(publicKey: Uint8Array): PeerId {
  if (publicKey.length !== KEY_BYTES) throw new RangeError(`publicKey must be ${KEY_BYTES} bytes`)
  return toText(concat([NAME_PREFIX, publicKey]), 'base58btc') as PeerId // the form that peerId() checks
}

/** The Ed25519 public key (32 bytes) inside a peer id. @throws NetError `MESSAGE_INVALID` when it is not such an id */
export function publicKeyOf(peer: PeerId): Uint8Array {
  const bytes = decodeName(peer)
  if (bytes?.length === NAME_PREFIX.length + KEY_BYTES && equals(NAME_PREFIX, bytes.subarray(0, NAME_PREFIX.length))) {
    return bytes.subarray(NAME_PREFIX.length)
  }
  throw new NetError('MESSAGE_INVALID', 'the peer id is not an Ed25519 public key')
}

function decodeName(peer: PeerId): Uint8Array | undefined {
  if (peer.length > 60) return undefined // base58 decoding is quadratic
  try {
    return fromString(peer, 'base58btc')
  } catch {
    return undefined
  }
}

function readKey(peer: PeerId): KeyObject | undefined {
  try {
    const der = Buffer.concat([PUBLIC_PREFIX, publicKeyOf(peer)])
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  } catch {
    return undefined // a name that is no key has signed nothing
  }
}

/** Keep the keys used last: any peer may send a name, so their number is bounded. */
function remember(keys: Map<PeerId, KeyObject>, peer: PeerId, key: KeyObject): void {
  keys.delete(peer)
  keys.set(peer, key)
  if (keys.size <= MAX_CACHED_KEYS) return
  const [oldest] = keys.keys()
  keys.delete(oldest)
}
