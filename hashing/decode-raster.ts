import sharp, { type Metadata, type Sharp } from 'sharp'
import { NetError } from '../base/errors.ts'
import { type DecodedImage, type ImageFormat, robustRange } from './decoded-image.ts'

/**
 * Decode a JPEG, PNG, TIFF (first page) or WebP (first frame) to one grey plane: EXIF orientation applied, colour
 * profiles ignored, colour to Rec. 601 luma, transparency onto black. Nothing here resizes or takes another path by
 * the machine it runs on: libvips only unpacks the samples, the arithmetic on them is ours and whole-numbered.
 * @throws NetError `IMAGE_INVALID` for a damaged file, `IMAGE_TOO_LARGE` above `maxPixels`
 */
export async function decodeRaster(bytes: Uint8Array, format: ImageFormat, maxPixels: number): Promise<DecodedImage> {
  const source = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', ignoreIcc: true })
  const { width, height, deep, space } = await readHeader(source, maxPixels)
  try {
    const { data, info } = await source
      .autoOrient()
      .toColourspace(outputSpace(space, deep))
      .raw({ depth: deep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true })
    if (info.width * info.height !== width * height) throw new Error('the size differs from the header')
    const raw = deep ? new Uint16Array(aligned(data)) : new Uint8Array(data.buffer, data.byteOffset, data.length)
    const samples = greyPlane(raw, info.channels)
    const range = deep ? robustRange(samples) : { black: 0, white: 255 }
    return { format, width: info.width, height: info.height, samples, bitDepth: deep ? 16 : 8, ...range }
  } catch (cause) {
    throw invalid(format, cause)
  }

  async function readHeader(file: Sharp, most: number) {
    const header: Metadata = await file.metadata().catch((cause: Error) => {
      if (/pixel limit/i.test(cause.message)) throw tooLarge(most)
      throw invalid(format, cause)
    })
    if (header.width * header.height > most) throw tooLarge(most)
    if (header.depth !== 'uchar' && header.depth !== 'ushort') throw invalid(format, `samples of type ${header.depth}`)
    return { width: header.width, height: header.height, deep: header.depth === 'ushort', space: header.space }
  }
}

function outputSpace(space: string | undefined, deep: boolean): string {
  const grey = space === 'b-w' || space === 'grey16'
  if (deep) return grey ? 'grey16' : 'rgb16'
  return grey ? 'b-w' : 'srgb'
}

// Interleaved samples of 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha) channels to one grey plane.
function greyPlane<T extends Uint8Array | Uint16Array>(raw: T, channels: number): T {
  if (channels === 1) return raw
  const plane = raw.slice(0, raw.length / channels) as T // slice keeps the kind of array
  const opaque = raw.BYTES_PER_ELEMENT === 1 ? 255 : 65535
  const colour = channels >= 3
  const alpha = channels === 2 || channels === 4 ? channels - 1 : 0
  for (let i = 0, at = 0; i < plane.length; i++, at += channels) {
    const grey = colour ? luma(raw[at], raw[at + 1], raw[at + 2]) : raw[at]
    plane[i] = alpha === 0 ? grey : Math.floor((2 * grey * raw[at + alpha] + opaque) / (2 * opaque))
  }
  return plane
}

/**
 * Rec. 601 luma of one pixel, rounded; grey (r = g = b) stays as it is. Whole weights out of 65536, as Pillow has them.
 * Exact for samples up to 16 bits.
 */
export function luma(r: number, g: number, b: number): number {
  return Math.floor((19595 * r + 38470 * g + 7471 * b + 32768) / 65536)
}

function aligned(data: Buffer): ArrayBuffer {
  return data.buffer.slice(data.byteOffset, data.byteOffset + data.length) as ArrayBuffer // sharp's own, never shared
}

function tooLarge(most: number): NetError {
  return new NetError('IMAGE_TOO_LARGE', `the image has more than ${most} pixels`, { detail: { maxPixels: most } })
}

function invalid(format: ImageFormat, cause: unknown): NetError {
  return new NetError('IMAGE_INVALID', `the ${format.toUpperCase()} file is damaged or of an unsupported kind`, {
    cause
  })
}
