import { fromString } from 'uint8arrays/from-string'
import { sha256Hex } from '../base/bytes.ts'
import { checkWhole } from '../base/options.ts'
import type { DecodedImage } from './decoded-image.ts'
import type { View, ViewSpec } from './view.ts'

// The recipe in words. Its text is hashed: change any step and the version and digest change with it.
const RECIPE = [
  'sfmedir view 1',
  'plane: one grey plane; colour = floor((19595 r + 38470 g + 7471 b + 32768) / 65536); transparency onto black',
  'levels: 8-bit samples from 0 to 255 as they are, top 255; else clamp(round(65535 (v - black) / (white - black))), top 65535',
  'range: the DICOM window, else the 0.5th and 99.5th percentile by nearest rank',
  'size: stretched to side x side by exact area average in whole numbers',
  'pixel: floor((510 sum + area top) / (2 area top))'
].join('\n')

/** Digest of the recipe that `spec` stands for: SHA-256 of its text, hex. Part of every record and query. */
export function viewDigest(spec: ViewSpec): string {
  return sha256Hex(fromString(`${RECIPE}\nside: ${spec.side}`))
}

/**
 * What the model sees of a decoded image. The same bytes on every machine: sums of whole numbers below 2^53, and of
 * IEEE operations only those that are exactly defined. An image that is not square is stretched.
 * @throws RangeError unless `spec.side` is a whole number from 16 to 256
 */
export function makeView(image: DecodedImage, spec: ViewSpec): View {
  const { side } = spec
  checkWhole('side', side, 16, 256)
  const { levels, top } = toLevels(image)
  const sums = areaSums({ levels, width: image.width, height: image.height }, side)
  const whole = image.width * image.height * top
  const pixels = new Uint8Array(side * side)
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.floor((510 * sums[i] + whole) / (2 * whole))
  return { side, pixels }
}

interface Plane {
  readonly levels: Uint8Array | Uint16Array
  readonly width: number
  readonly height: number
}

function toLevels({ samples, black, white }: DecodedImage): { levels: Uint8Array | Uint16Array; top: number } {
  if (samples instanceof Uint8Array && black === 0 && white === 255) return { levels: samples, top: 255 }
  const levels = new Uint16Array(samples.length)
  for (let i = 0; i < samples.length; i++) {
    const at = white === black ? Number(samples[i] > black) : (samples[i] - black) / (white - black)
    levels[i] = Math.round(65535 * Math.min(Math.max(at, 0), 1))
  }
  return { levels, top: 65535 }
}

// Per view pixel the sum of level times overlap. In units of 1/side an input pixel is `side` wide and a view pixel
// `width`, so every overlap is whole and the overlaps of a view pixel add up to width * height.
function areaSums(plane: Plane, side: number): Float64Array {
  const { height } = plane
  const sums = new Float64Array(side * side)
  const row = new Float64Array(side)
  for (let y = 0; y < height; y++) {
    sumRow(plane, y, row)
    const top = y * side
    const bottom = top + side
    for (let v = Math.floor(top / height); v < side && v * height < bottom; v++) {
      const overlap = Math.min(bottom, (v + 1) * height) - Math.max(top, v * height)
      for (let u = 0; u < side; u++) sums[v * side + u] += overlap * row[u]
    }
  }
  return sums
}

// One input row, averaged along x only: into `row` for each view column the sum of level times overlap.
function sumRow({ levels, width }: Plane, y: number, row: Float64Array): void {
  const side = row.length
  const start = y * width
  for (let u = 0; u < side; u++) {
    const left = u * width
    const right = left + width
    const first = Math.floor(left / side)
    const last = Math.floor((right - 1) / side)
    if (first === last) {
      row[u] = width * levels[start + first]
      continue
    }
    let inner = 0
    for (let x = first + 1; x < last; x++) inner += levels[start + x]
    row[u] =
      ((first + 1) * side - left) * levels[start + first] + side * inner + (right - last * side) * levels[start + last]
  }
}
