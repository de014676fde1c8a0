import { wipe } from '../../base/bytes.ts'
import { type Random, randomBytes } from '../../base/random.ts'
import { aeadEncryptInto, TAG_BYTES } from '../aead.ts'
import type { CipherContext } from '../image-cipher.ts'
import type { ChaosCore } from './core.ts'
import { HEADER_BYTES, NONCE_BYTES, writeHeader } from './header.ts'
import { chaosSeeds, imageKeys, syntheticIv } from './seeds.ts'
import { wasmCore } from './wasm-core.ts'

const NOTHING = new Uint8Array(0)

/**
 * Encrypt an image (the paper's QChaosImgEnc; QMS-2): header || ChaCha20-Poly1305 of what the chaos core made of the
 * image. Confidentiality and integrity rest on the AEAD; the core is the paper's cipher, stage by stage.
 * @throws NetError `IMAGE_TOO_LARGE` when five times its size is more memory than there is (4 GiB at most)
 * @throws RangeError when the key is not 32 bytes
 */
export function encryptImage(
  image: Uint8Array,
  { key, associated = NOTHING, random }: CipherContext & { readonly random: Random },
  core: ChaosCore = wasmCore
): Uint8Array {
  if (key.length !== 32) throw new RangeError('key must be 32 bytes')
  const encrypted = new Uint8Array(HEADER_BYTES + image.length + TAG_BYTES)
  const nonce = randomBytes(random, NONCE_BYTES)
  const keys = imageKeys(key, nonce)
  const siv = syntheticIv(keys.siv, associated, image)
  const seeds = chaosSeeds(keys.chaos, siv)
  const header = writeHeader(encrypted, nonce, siv)
  core.scramble(image, seeds, scrambled => {
    const aead = { key: keys.aead, nonce: keys.aeadNonce, associated: [header, associated] }
    aeadEncryptInto(encrypted.subarray(HEADER_BYTES), scrambled, aead)
  })
  wipe(keys.siv, keys.chaos, keys.aead, seeds.prgKey)
  return encrypted
}
