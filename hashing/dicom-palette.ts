import { luma } from './decode-raster.ts'
import { type DicomHeader, invalid } from './dicom-header.ts'

const RED_DESCRIPTOR = 'x00281101'
const TABLES = ['x00281201', 'x00281202', 'x00281203'] // red, green, blue

/**
 * The grey (luma, 0 to 255) of each stored value of a PALETTE COLOR image. Values outside the table take its ends.
 * @throws NetError `DICOM_INVALID` when a table is missing or short
 */
export function readPalette({ dataSet }: DicomHeader): (stored: number) => number {
  const size = dataSet.uint16(RED_DESCRIPTOR, 0) || 65536 // 0 stands for 65536
  const first = dataSet.uint16(RED_DESCRIPTOR, 1) ?? 0
  const deep = dataSet.uint16(RED_DESCRIPTOR, 2) === 16
  const [red, green, blue] = TABLES.map(tag => readTable(tag))
  const grey = Uint8Array.from({ length: size }, (_, i) => luma(red(i), green(i), blue(i)))
  return stored => grey[Math.min(Math.max(stored - first, 0), size - 1)]

  function readTable(tag: string): (at: number) => number {
    const bytes = dataSet.elements[tag]?.length ?? 0
    if (bytes < size || (deep && bytes < 2 * size)) throw invalid('its colour table is missing or short')
    if (bytes < 2 * size) return at => dataSet.byteArray[dataSet.elements[tag].dataOffset + at] // 8 bits, packed
    return at => (dataSet.uint16(tag, at) ?? 0) >> (deep ? 8 : 0)
  }
}
