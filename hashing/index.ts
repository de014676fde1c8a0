export { decodeImage } from './decode-image.ts'
export { DECODE_DEFAULTS, type DecodedImage, type DecodeInit, type ImageFormat, type Samples } from './decoded-image.ts'
export {
  type CodeSpace,
  codeFromOutputs,
  type HashCode,
  hammingDistance,
  hashCode,
  spaceName
} from './hash-code.ts'
export type { HashModel } from './hash-model.ts'
export { makeView, viewDigest } from './make-view.ts'
export type { View, ViewSpec } from './view.ts'
