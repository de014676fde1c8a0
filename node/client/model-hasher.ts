import { hashEach } from '../../hashing/hash-image.ts'
import type { HashModel } from '../../hashing/hash-model.ts'
import type { ImageViewer } from '../../hashing/image-viewer.ts'
import type { ImageHasher } from './client-ports.ts'

/**
 * The hasher of a loaded model at one code length (CxtHashGen). Files are decoded by `viewer`, in this process when it is
 * left out.
 * @throws NetError `CODE_LENGTH_MISMATCH` for a length it does not give
 */
export function modelHasher(model: HashModel, bits: number, viewer?: ImageViewer): ImageHasher {
  return {
    space: model.space(bits),
    hash: (images, { signal } = {}) => hashEach(images, model, { bits, viewer, signal })
  }
}
