export { type CodeMask, codeMask, maskCode, unmaskCode } from './code-mask.ts'
export { decodeImage } from './decode-image.ts'
export { DECODE_DEFAULTS, type DecodedImage, type DecodeInit, type ImageFormat, type Samples } from './decoded-image.ts'
export { type Descriptor, descriptorSimilarity } from './descriptor.ts'
export {
  type CodeSpace,
  codeFromOutputs,
  type HashCode,
  hammingDistance,
  hashCode,
  spaceName
} from './hash-code.ts'
export { type HashEachInit, hashEach, hashImage } from './hash-image.ts'
export { viewImage } from './image-viewer.ts'
export type { HashModel } from './hash-model.ts'
export type { ImageViewer } from './image-viewer.ts'
export { type LoadModelInit, loadModel } from './load-model.ts'
export { makeView, viewDigest } from './make-view.ts'
export {
  checkManifest,
  MANIFEST_FILE,
  type ModelEntry,
  type ModelManifest,
  readManifest,
  shippedModels
} from './manifest.ts'
export type { View, ViewSpec } from './view.ts'
export { openViewPool, VIEW_POOL_DEFAULTS, type ViewPoolInit } from './view-pool.ts'
