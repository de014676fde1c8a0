import { TAG_BYTES } from '../aead.ts'
import type { ImageCipher } from '../image-cipher.ts'
import { decryptImage } from './decrypt.ts'
import { encryptImage } from './encrypt.ts'
import { HEADER_BYTES, QMS2_MAGIC } from './header.ts'

/** The image cipher of the paper: QMedShield's stages, rebuilt in whole numbers, inside an AEAD. */
export const qms2Cipher: ImageCipher = Object.freeze({
  name: 'qms2',
  magic: QMS2_MAGIC,
  overheadBytes: HEADER_BYTES + TAG_BYTES,
  encrypt: (image, context) => encryptImage(image, context),
  decrypt: (encrypted, context) => decryptImage(encrypted, context)
} satisfies ImageCipher)
