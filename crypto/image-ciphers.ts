import { NetError } from '../base/errors.ts'
import { aeadCipher } from './aead-cipher.ts'
import type { ImageCipher } from './image-cipher.ts'
import { qms2Cipher } from './qms2/cipher.ts'

/** Every image cipher there is; the first one is the paper's and the default. */
export const IMAGE_CIPHERS: readonly ImageCipher[] = Object.freeze([qms2Cipher, aeadCipher])

/** The cipher of this name. @throws NetError `CONFIG_INVALID` when there is none */
export function cipherNamed(name: string): ImageCipher {
  const cipher = IMAGE_CIPHERS.find(known => known.name === name)
  if (cipher) return cipher
  const names = IMAGE_CIPHERS.map(known => known.name).join(', ')
  throw new NetError('CONFIG_INVALID', `no image cipher has that name; there are ${names}`)
}

/** The cipher that made these bytes, by their first four. @throws NetError `IMAGE_CORRUPT` when none did */
export function cipherOf(encrypted: Uint8Array): ImageCipher {
  const magic = String.fromCharCode(...encrypted.subarray(0, 4))
  const cipher = IMAGE_CIPHERS.find(known => known.magic === magic)
  if (cipher) return cipher
  throw new NetError('IMAGE_CORRUPT', 'these bytes are not an encrypted image', { detail: { bytes: encrypted.length } })
}
