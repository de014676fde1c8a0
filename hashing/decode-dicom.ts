import { luma } from './decode-raster.ts'
import { type DecodedImage, type DecodeInit, robustRange, type Samples } from './decoded-image.ts'
import { readFrame, type StoredValues } from './dicom-frame.ts'
import { type DicomHeader, readDicomHeader } from './dicom-header.ts'
import { readPalette } from './dicom-palette.ts'

/**
 * Decode a DICOM file to one grey plane in the file's units (Hounsfield for CT): rescale slope and intercept applied,
 * black and white from its first window, else the 0.5th and 99.5th percentile (8-bit values without rescale: their whole
 * range). MONOCHROME1 has `black` above `white`; colour becomes luma. Of several frames the middle one,
 * floor(frames / 2) counted from 0: the first of a volume is often air. LUT sequences, per-frame windows, overlays and
 * padding values are not applied.
 * @throws NetError `DICOM_INVALID` truncated, damaged, no pixels, or a syntax that is not decoded here; `IMAGE_TOO_LARGE`
 */
export async function decodeDicom(bytes: Uint8Array, limits: Required<DecodeInit>): Promise<DecodedImage> {
  const header = readDicomHeader(bytes, limits)
  const stored = await readFrame(header, Math.floor(header.frames / 2))
  const { width, height, bitsStored } = header
  const plane = header.samplesPerPixel === 3 || header.photometric === 'PALETTE COLOR' ? colourPlane : greyPlane
  return { format: 'dicom', width, height, bitDepth: bitsStored, ...plane(stored, header) }
}

interface Plane {
  readonly samples: Samples
  readonly black: number
  readonly white: number
}

function greyPlane(stored: StoredValues, header: DicomHeader): Plane {
  const { black, white } = header.window ?? ownRange(stored, header)
  const samples = rescaled(stored, header)
  return header.photometric === 'MONOCHROME1' ? { samples, black: white, white: black } : { samples, black, white }
}

function ownRange(stored: StoredValues, { bitsStored, signed, slope, intercept }: DicomHeader) {
  if (bitsStored <= 8 && !signed && slope === 1 && intercept === 0) return { black: 0, white: 2 ** bitsStored - 1 }
  const { black, white } = robustRange(stored)
  const ends = [black * slope + intercept, white * slope + intercept]
  return { black: Math.min(...ends), white: Math.max(...ends) }
}

function rescaled(stored: StoredValues, { slope, intercept }: DicomHeader): Samples {
  const plain = slope === 1 && intercept === 0
  if (plain && (stored instanceof Uint8Array || stored instanceof Uint16Array)) return stored
  const samples = new Float32Array(stored.length)
  for (let i = 0; i < samples.length; i++) samples[i] = stored[i] * slope + intercept
  return samples
}

function colourPlane(stored: StoredValues, header: DicomHeader): Plane {
  const white = header.photometric === 'PALETTE COLOR' ? 255 : 2 ** header.bitsStored - 1
  return { samples: colourSamples(stored, header), black: 0, white }
}

// The Y of native or run-length coded YBR is its luma. JPEG and JPEG 2000 come out of their codecs as RGB.
function colourSamples(stored: StoredValues, header: DicomHeader): Samples {
  const samples = new (header.bitsStored <= 8 ? Uint8Array : Uint16Array)(header.width * header.height)
  const { photometric, syntax } = header
  if (photometric === 'PALETTE COLOR') {
    const palette = readPalette(header)
    return samples.map((_, i) => palette(stored[i]))
  }
  const isLuma = photometric.startsWith('YBR_FULL') && !syntax.startsWith('1.2.840.10008.1.2.4.')
  if (!isLuma) return samples.map((_, i) => luma(stored[3 * i], stored[3 * i + 1], stored[3 * i + 2]))
  if (photometric === 'YBR_FULL') return samples.map((_, i) => stored[3 * i])
  return samples.map((_, i) => stored[4 * (i >> 1) + (i & 1)]) // Y Y Cb Cr for every two pixels
}
