import type { AbortOptions } from '../../base/clock.ts'
import type { HashCode } from '../../hashing/hash-code.ts'
import type { ImageHasher } from './client-ports.ts'

/** The hash code of one image. @throws NetError as the hasher says of it: `IMAGE_INVALID`, `DICOM_INVALID`, `IMAGE_TOO_LARGE` */
export async function hashOne(hasher: ImageHasher, image: Uint8Array, options: AbortOptions): Promise<HashCode> {
  const [code] = await hasher.hash([image], options)
  if (code instanceof Error) throw code
  return code
}
