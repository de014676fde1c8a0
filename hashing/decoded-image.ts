/** What {@link DecodedImage} was stored as. */
export type ImageFormat = 'jpeg' | 'png' | 'tiff' | 'webp' | 'dicom'

/** The samples of one grey plane, row by row from the top left. */
export type Samples = Uint8Array | Uint16Array | Float32Array

/** One grey plane, as exact as the file has it. What a view is made from. */
export interface DecodedImage {
  readonly format: ImageFormat
  /** Pixels, at least 1. */
  readonly width: number
  /** Pixels, at least 1. */
  readonly height: number
  readonly samples: Samples
  /** Bits a sample had in the file, 1 to 32. */
  readonly bitDepth: number
  /** The sample value that shows as black. Above `white` for a plane that is stored inverted (MONOCHROME1). */
  readonly black: number
  /** The sample value that shows as white. */
  readonly white: number
}

/** How much of the outside world a decoder takes in. */
export interface DecodeInit {
  /** Largest file in bytes. */
  readonly maxBytes?: number
  /** Largest width times height in pixels, of one frame. */
  readonly maxPixels?: number
}

/** The limits of {@link DecodeInit}. */
export const DECODE_DEFAULTS = Object.freeze({
  maxBytes: 200_000_000, // a long multi-frame study; one slice is 0.1 to 50 MB
  maxPixels: 2 ** 26 // 67 megapixels, three times a digital mammogram; bounds the memory at some 400 MB
})

const PERCENT_CUT = 0.5 // of the pixels at either end: burnt-in text, metal, air

/**
 * The black and white of samples that say nothing about their window: their 0.5th and 99.5th percentile (nearest rank).
 * Equal for a plane of one value.
 */
export function robustRange(samples: Samples): { black: number; white: number } {
  const sorted = samples.slice().sort()
  const cut = Math.floor((sorted.length * PERCENT_CUT) / 100)
  return { black: sorted[cut], white: sorted[sorted.length - 1 - cut] }
}
