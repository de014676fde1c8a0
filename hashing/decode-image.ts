import { NetError } from '../base/errors.ts'
import { withDefaults } from '../base/options.ts'
import { decodeDicom } from './decode-dicom.ts'
import { decodeRaster } from './decode-raster.ts'
import { DECODE_DEFAULTS, type DecodedImage, type DecodeInit } from './decoded-image.ts'
import { sniffFormat } from './sniff-format.ts'

/**
 * Decode an image file to one grey plane. What it is comes from its content, never from a name.
 * @throws NetError `IMAGE_INVALID` (empty, not an image, damaged), `DICOM_INVALID` (damaged, no pixels, or a transfer
 * syntax that is not decoded here), `IMAGE_TOO_LARGE` (file or pixels above the limits)
 */
export async function decodeImage(bytes: Uint8Array, init: DecodeInit = {}): Promise<DecodedImage> {
  const limits = withDefaults<Required<DecodeInit>>(DECODE_DEFAULTS, init)
  const { maxBytes, maxPixels } = limits
  if (bytes.length === 0) throw new NetError('IMAGE_INVALID', 'the file is empty')
  if (bytes.length > maxBytes) {
    throw new NetError('IMAGE_TOO_LARGE', `the file has ${bytes.length} bytes, more than ${maxBytes}`, {
      detail: { bytes: bytes.length, maxBytes }
    })
  }
  const format = sniffFormat(bytes)
  if (format === undefined) {
    throw new NetError('IMAGE_INVALID', 'the file is not a JPEG, PNG, TIFF, WebP or DICOM image')
  }
  return format === 'dicom' ? decodeDicom(bytes, limits) : decodeRaster(bytes, format, maxPixels)
}
