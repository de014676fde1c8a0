export { aeadCipher } from './aead-cipher.ts'
export { type Derivation, deriveKey } from './derive.ts'
export { createSigner, peerIdOf, publicKeyOf } from './ed25519-signer.ts'
export type { CipherContext, ImageCipher } from './image-cipher.ts'
export { cipherNamed, cipherOf, IMAGE_CIPHERS } from './image-ciphers.ts'
export {
  decodeKeys,
  encodeKeys,
  generateKeys,
  KEY_NAMES,
  type KeyName,
  type KeyRing,
  type Keys,
  keyNamed,
  keysFor
} from './keys.ts'
export { decryptImage } from './qms2/decrypt.ts'
export { encryptImage } from './qms2/encrypt.ts'
export { qms2Cipher } from './qms2/cipher.ts'
export { openSealed, SEAL_OVERHEAD_BYTES, type SealContext, sealBytes } from './seal.ts'
export type { Signer } from './signer.ts'
export { disperseScheme } from './disperse/disperse-scheme.ts'
export type { OpenedShadow, RebuildPlan, ShadowClaim, ShadowScheme, SharingPlan } from './shadow-scheme.ts'
export { SHADOW_SCHEMES, schemeNamed } from './shadow-schemes.ts'
export { BAI_SCHEME_DEFAULTS, type BaiSchemeInit, baiScheme } from './shadows/bai-scheme.ts'
export type { Split } from './split.ts'
