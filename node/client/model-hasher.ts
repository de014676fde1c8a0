import { hashEach } from '../../hashing/hash-image.ts'
import type { HashModel } from '../../hashing/hash-model.ts'
import type { ImageHasher } from './client-ports.ts'

/** The hasher of a loaded model at one code length (CxtHashGen). @throws NetError `CODE_LENGTH_MISMATCH` for a length it does not give */
export function modelHasher(model: HashModel, bits: number): ImageHasher {
  return { space: model.space(bits), hash: images => hashEach(images, model, bits) }
}
