import { aroundErrors } from '../base/around-errors.ts'
import { asError } from '../base/errors.ts'
import type { AbortOptions } from '../base/clock.ts'
import type { HashCode } from './hash-code.ts'
import type { HashModel } from './hash-model.ts'
import { type ImageViewer, ownViewer } from './image-viewer.ts'
import type { View } from './view.ts'

const DECODED_AT_ONCE = 4 // libuv's threads; also bounds the memory that large images take

/**
 * The hash codes of image files, in order: CxtHashGen for images to store (AH), TrapdoorGen for query images (H_q). Both
 * are the same function, so equal images always meet. Mask them before they leave the owner or user.
 * @throws NetError `IMAGE_INVALID`, `DICOM_INVALID`, `IMAGE_TOO_LARGE`, `CODE_LENGTH_MISMATCH`, `MODEL_INVALID`; no
 * codes are returned when one file fails
 */
export async function hashImage(files: readonly Uint8Array[], model: HashModel, bits: number): Promise<HashCode[]> {
  const codes = await hashEach(files, model, { bits })
  return codes.map(code => {
    if (code instanceof Error) throw code
    return code
  })
}

/** How {@link hashEach} works. */
export interface HashEachInit extends AbortOptions {
  /** Length of the codes. */
  readonly bits: number
  /** Decodes the files; this process itself when left out. */
  readonly viewer?: ImageViewer
}

/**
 * Like {@link hashImage}, but a file that fails fails alone: its error stands in the place of its code.
 * @throws NetError `CODE_LENGTH_MISMATCH`, `MODEL_INVALID`, or the signal's reason
 */
export async function hashEach(
  files: readonly Uint8Array[],
  model: HashModel,
  { bits, viewer = ownViewer, signal }: HashEachInit
): Promise<(HashCode | Error)[]> {
  model.space(bits) // before any work: throws for a length it does not give
  const views: (View | Error)[] = []
  for (let at = 0; at < files.length; at += DECODED_AT_ONCE) {
    const few = files.slice(at, at + DECODED_AT_ONCE)
    signal?.throwIfAborted()
    views.push(...(await Promise.all(few.map(file => viewer.view(file, model.viewSpec, { signal }).catch(asError)))))
  }
  return aroundErrors(views, good => model.hash(good, bits))
}
