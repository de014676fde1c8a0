import { inflateRawSync } from 'node:zlib'
import dicomParser, { type DataSet } from 'dicom-parser'
import { concat } from 'uint8arrays/concat'
import { NetError, systemCode } from '../base/errors.ts'
import type { DecodeInit } from './decoded-image.ts'

/** What a DICOM file says about its pixels, checked. */
export interface DicomHeader {
  readonly dataSet: DataSet
  /** Transfer syntax UID. */
  readonly syntax: string
  readonly width: number
  readonly height: number
  readonly frames: number
  readonly samplesPerPixel: 1 | 3
  /** Whether the colours of uncompressed pixels lie in planes, not side by side. */
  readonly planar: boolean
  readonly photometric: string
  readonly bitsAllocated: number
  readonly bitsStored: number
  readonly highBit: number
  readonly signed: boolean
  /** Stored value times `slope` plus `intercept` is the value in the file's units (Hounsfield for CT). */
  readonly slope: number
  readonly intercept: number
  /** The file's first window in the file's units; undefined when it has none that makes sense. */
  readonly window?: { readonly black: number; readonly white: number }
}

const GREY = ['MONOCHROME1', 'MONOCHROME2', 'PALETTE COLOR']
const COLOUR = ['RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_ICT', 'YBR_RCT']

/**
 * The strict gate before any pixel is decoded: parses the whole file and refuses what does not add up.
 * @throws NetError `DICOM_INVALID`, `IMAGE_TOO_LARGE`
 */
export function readDicomHeader(bytes: Uint8Array, limits: Required<DecodeInit>): DicomHeader {
  const dataSet = parse(bytes, limits.maxBytes)
  const whole = (tag: string, least: number, most: number, fallback?: number): number => {
    const value = dataSet.uint16(tag) ?? fallback
    if (value === undefined || value < least || value > most) throw invalid(`its element ${tag} is missing or wrong`)
    return value
  }
  const height = whole('x00280010', 1, 65535)
  const width = whole('x00280011', 1, 65535)
  if (width * height > limits.maxPixels) {
    throw new NetError('IMAGE_TOO_LARGE', `the image has more than ${limits.maxPixels} pixels`, {
      detail: { width, height, maxPixels: limits.maxPixels }
    })
  }
  const photometric = dataSet.string('x00280004')?.trim() ?? ''
  const samplesPerPixel = GREY.includes(photometric) ? 1 : 3
  if (samplesPerPixel === 3 && !COLOUR.includes(photometric)) throw invalid('its colour model is unknown')
  whole('x00280002', samplesPerPixel, samplesPerPixel, samplesPerPixel)
  const bitsAllocated = whole('x00280100', 1, 32)
  if (![1, 8, 16, 32].includes(bitsAllocated)) throw invalid(`${bitsAllocated} bits a sample are not decoded here`)
  const bitsStored = whole('x00280101', 1, bitsAllocated, bitsAllocated)
  return {
    dataSet,
    syntax: dataSet.string('x00020010')?.trim() ?? '',
    width,
    height,
    frames: readFrames(dataSet),
    samplesPerPixel,
    planar: samplesPerPixel === 3 && whole('x00280006', 0, 1, 0) === 1,
    photometric,
    bitsAllocated,
    bitsStored,
    highBit: whole('x00280102', bitsStored - 1, bitsAllocated - 1, bitsStored - 1),
    signed: whole('x00280103', 0, 1, 0) === 1,
    ...readRescale(dataSet),
    window: readWindow(dataSet)
  }
}

/** A `DICOM_INVALID` whose one line ends in `reason`, which never quotes the file. */
export function invalid(reason: string, cause?: unknown): NetError {
  return new NetError('DICOM_INVALID', `the DICOM file cannot be decoded: ${reason}`, { cause })
}

function parse(bytes: Uint8Array, maxBytes: number): DataSet {
  // The parser takes the deflated part's own inflater, here one that a small file cannot blow up.
  const inflater = (whole: Uint8Array, position: number): Uint8Array => {
    const rest = inflateRawSync(whole.subarray(position), { maxOutputLength: maxBytes })
    return concat([whole.subarray(0, position), rest])
  }
  try {
    return dicomParser.parseDicom(bytes, { inflater })
  } catch (cause) {
    if (systemCode(cause) === 'ERR_BUFFER_TOO_LARGE') {
      throw new NetError('IMAGE_TOO_LARGE', `the file inflates to more than ${maxBytes} bytes`, {
        detail: { maxBytes }
      })
    }
    throw invalid('it is truncated or damaged', cause)
  }
}

function readFrames(dataSet: DataSet): number {
  const frames = dataSet.intString('x00280008') ?? 1
  if (!Number.isInteger(frames) || frames < 1) throw invalid('its number of frames is wrong')
  return frames
}

function readRescale(dataSet: DataSet): { slope: number; intercept: number } {
  const slope = dataSet.floatString('x00281053') ?? 1
  const intercept = dataSet.floatString('x00281052') ?? 0
  if (!Number.isFinite(slope) || slope === 0 || !Number.isFinite(intercept))
    throw invalid('its rescale is not a number')
  return { slope, intercept }
}

// PS3.3 C.11.2.1.2: LINEAR reaches from c - 0.5 - (w-1)/2 to c - 0.5 + (w-1)/2, LINEAR_EXACT from c - w/2 to c + w/2.
// SIGMOID is taken as LINEAR_EXACT. Scanners also write a width of 0, which means no window.
function readWindow(dataSet: DataSet): DicomHeader['window'] {
  const centre = dataSet.floatString('x00281050')
  const width = dataSet.floatString('x00281051')
  if (centre === undefined || width === undefined || !Number.isFinite(centre) || !(width > 0 && width < 2 ** 32)) return
  if ((dataSet.string('x00281056')?.trim() || 'LINEAR') !== 'LINEAR') {
    return { black: centre - width / 2, white: centre + width / 2 }
  }
  const half = Math.max(width - 1, 0) / 2
  return { black: centre - 0.5 - half, white: centre - 0.5 + half }
}
