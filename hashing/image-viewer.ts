import type { AbortOptions } from '../base/clock.ts'
import { decodeImage } from './decode-image.ts'
import type { DecodeInit } from './decoded-image.ts'
import { makeView } from './make-view.ts'
import type { View, ViewSpec } from './view.ts'

/** Turns image files into views: in this process, or, for files from anywhere, in one that may be ended. */
export interface ImageViewer {
  /** The view of an image file. @throws NetError `IMAGE_INVALID`, `DICOM_INVALID`, `IMAGE_TOO_LARGE` */
  view(file: Uint8Array, spec: ViewSpec, options?: AbortOptions): Promise<View>
  /** End what it started. */
  close(): Promise<void>
}

/** The view of an image file. @throws NetError `IMAGE_INVALID`, `DICOM_INVALID`, `IMAGE_TOO_LARGE` */
export async function viewImage(file: Uint8Array, spec: ViewSpec, init: DecodeInit = {}): Promise<View> {
  return makeView(await decodeImage(file, init), spec)
}

/** Views made in this process, by the default limits: for files that are trusted. */
export const ownViewer: ImageViewer = Object.freeze({
  view: (file, spec) => viewImage(file, spec),
  close: async () => {}
} satisfies ImageViewer)
