import { equalSecrets, wipe } from '../../base/bytes.ts'
import { NetError } from '../../base/errors.ts'
import { aeadDecrypt } from '../aead.ts'
import type { CipherContext } from '../image-cipher.ts'
import type { ChaosCore } from './core.ts'
import { readParts } from './header.ts'
import { chaosSeeds, imageKeys, syntheticIv } from './seeds.ts'
import { wasmCore } from './wasm-core.ts'

const NOTHING = new Uint8Array(0)

/**
 * Decrypt an image (the paper's QChaosImgDec; QMS-2): check the tag, undo the chaos core, check the synthetic IV.
 * @throws NetError `IMAGE_CORRUPT` when the bytes are not a QMS-2 image; `KEY_WRONG` when the key or the associated bytes
 *   are wrong or the bytes were altered
 * @throws RangeError when the key is not 32 bytes
 */
export function decryptImage(
  encrypted: Uint8Array,
  { key, associated = NOTHING }: CipherContext,
  core: ChaosCore = wasmCore
): Uint8Array {
  if (key.length !== 32) throw new RangeError('key must be 32 bytes')
  const { header, nonce, siv, sealed } = readParts(encrypted)
  const keys = imageKeys(key, nonce)
  const image = aeadDecrypt(sealed, { key: keys.aead, nonce: keys.aeadNonce, associated: [header, associated] })
  const seeds = chaosSeeds(keys.chaos, siv)
  core.unscramble(image, seeds)
  const genuine = equalSecrets(syntheticIv(keys.siv, associated, image), siv)
  wipe(keys.siv, keys.chaos, keys.aead, seeds.prgKey)
  if (genuine) return image
  wipe(image)
  throw new NetError('KEY_WRONG', 'the decrypted image does not have the synthetic IV it was encrypted with')
}
