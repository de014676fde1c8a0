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

const HALF = 65536
const PERCENT_CUT = 0.5 // of the pixels at either end: burnt-in text, metal, air

/**
 * The black and white of samples that say nothing about their window: their 0.5th and 99.5th percentile (nearest rank).
 * Equal for a plane of one value. `samples` are left as they are.
 */
export function robustRange(samples: Samples | Int8Array | Int16Array | Int32Array | Uint32Array): {
  black: number
  white: number
} {
  const cut = Math.floor((samples.length * PERCENT_CUT) / 100)
  if (samples.BYTES_PER_ELEMENT > 2) {
    const sorted = samples.slice().sort()
    return { black: sorted[cut], white: sorted[sorted.length - 1 - cut] }
  }
  const counts = new Uint32Array(2 * HALF) // ten times faster than sorting; values are -32768 to 65535
  for (let i = 0; i < samples.length; i++) counts[samples[i] + HALF / 2]++
  let black = 0
  for (let below = counts[0]; below <= cut; below += counts[black]) black++
  let white = counts.length - 1
  for (let above = counts[white]; above <= cut; above += counts[white]) white--
  return { black: black - HALF / 2, white: white - HALF / 2 }
}
