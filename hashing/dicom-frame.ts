import { endianness } from 'node:os'
import dicomParser, { type Element } from 'dicom-parser'
import { decompressFrame, isCompressed } from './dicom-codecs.ts'
import { type DicomHeader, invalid } from './dicom-header.ts'

/** Stored values of one frame, colours side by side, before rescale and window. */
export type StoredValues = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array

const BIG_ENDIAN = '1.2.840.10008.1.2.2'
const NATIVE = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.1.99', BIG_ENDIAN]

/**
 * The stored values of frame `at` (from 0).
 * @throws NetError `DICOM_INVALID` without pixels, with fewer than promised, or in a syntax that is not decoded here
 */
export async function readFrame(header: DicomHeader, at: number): Promise<StoredValues> {
  const element = header.dataSet.elements.x7fe00010
  if (element === undefined || element.length === 0) throw invalid('it has no pixels')
  if (isCompressed(header.syntax)) {
    const bytes = await decompressFrame(header, encodedFrame(header, element, at))
    return toValues(bytes, header, 'LE')
  }
  if (!NATIVE.includes(header.syntax)) throw invalid('its transfer syntax is not decoded here')
  const bytes = nativeFrame(header, element, at)
  if (header.bitsAllocated === 1) return unpackBits(bytes, header, at)
  return interleave(toValues(bytes, header, header.syntax === BIG_ENDIAN ? 'BE' : 'LE'), header)
}

function encodedFrame({ dataSet, frames }: DicomHeader, element: Element, at: number): Uint8Array {
  const count = element.fragments?.length ?? 0
  if (!element.encapsulatedPixelData || count === 0 || count < frames) throw invalid('its pixels are not in frames')
  try {
    if (frames === 1) return copy(dicomParser.readEncapsulatedPixelDataFromFragments(dataSet, element, 0, count))
    if (count === frames) return copy(dicomParser.readEncapsulatedPixelDataFromFragments(dataSet, element, at, 1))
    const offsets = element.basicOffsetTable?.length
      ? undefined
      : dicomParser.createJPEGBasicOffsetTable(dataSet, element)
    return copy(dicomParser.readEncapsulatedImageFrame(dataSet, element, at, offsets))
  } catch (cause) {
    throw invalid('its frames are damaged', cause)
  }
}

// The whole frame; for 1-bit pixels all frames up to its end, since they need not start on a byte.
function nativeFrame(header: DicomHeader, element: Element, at: number): Uint8Array {
  const { width, height, frames, photometric, bitsAllocated } = header
  const perPixel = photometric === 'YBR_FULL_422' ? 2 : header.samplesPerPixel
  const bits = width * height * perPixel * bitsAllocated
  const { byteArray } = header.dataSet
  const { dataOffset, length } = element
  if (length * 8 < bits * frames || dataOffset + length > byteArray.length)
    throw invalid('it has fewer pixels than promised')
  const start = bitsAllocated === 1 ? 0 : (bits / 8) * at
  return copy(byteArray.subarray(dataOffset + start, dataOffset + Math.ceil((bits * (at + 1)) / 8)))
}

function unpackBits(bytes: Uint8Array, { width, height }: DicomHeader, at: number): Uint8Array {
  const start = width * height * at
  return new Uint8Array(width * height).map((_, i) => (bytes[(start + i) >> 3] >> ((start + i) & 7)) & 1)
}

// `bytes` is a copy of its own. Bits outside those stored (old overlays) are dropped, the sign is spread.
function toValues(bytes: Uint8Array, header: DicomHeader, order: 'LE' | 'BE'): StoredValues {
  const { bitsAllocated, bitsStored, highBit, signed } = header
  if (order !== endianness() && bitsAllocated > 8) swapBytes(bytes, bitsAllocated / 8)
  const Kind = kindOf(bitsAllocated, signed)
  const values = new Kind(bytes.buffer as ArrayBuffer, bytes.byteOffset, Math.floor((bytes.length * 8) / bitsAllocated))
  if (bitsStored === bitsAllocated) return values
  const up = 31 - highBit
  const down = 32 - bitsStored
  for (let i = 0; i < values.length; i++) values[i] = signed ? (values[i] << up) >> down : (values[i] << up) >>> down
  return values
}

function kindOf(bits: number, signed: boolean) {
  if (bits === 8) return signed ? Int8Array : Uint8Array
  if (bits === 16) return signed ? Int16Array : Uint16Array
  return signed ? Int32Array : Uint32Array
}

function swapBytes(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - (bytes.length % width))
  if (width === 2) buffer.swap16()
  else buffer.swap32()
}

function interleave(values: StoredValues, { planar, width, height }: DicomHeader): StoredValues {
  if (!planar) return values
  const pixels = width * height
  return values.slice().map((_, i) => values[(i % 3) * pixels + Math.floor(i / 3)])
}

function copy(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes) // Buffer.slice would share memory
}
