import type { AbortOptions } from '../base/clock.ts'
import { decodeImage } from './decode-image.ts'
import { makeView } from './make-view.ts'
import type { View, ViewSpec } from './view.ts'

/** Turns image files into views: in this process, or, for files from anywhere, in one that may be ended. */
export interface ImageViewer {
  /** The view of an image file. @throws NetError `IMAGE_INVALID`, `DICOM_INVALID`, `IMAGE_TOO_LARGE` */
  view(file: Uint8Array, spec: ViewSpec, options?: AbortOptions): Promise<View>
  /** End what it started. */
  close(): Promise<void>
}

/** Views made in this process, by the default limits: for files that are trusted. */
export const ownViewer: ImageViewer = Object.freeze({
  view: async (file, spec) => makeView(await decodeImage(file), spec),
  close: async () => {}
} satisfies ImageViewer)
