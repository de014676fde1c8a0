import { type DicomHeader, invalid } from './dicom-header.ts'

const TAIL_BYTES = 64

/**
 * Check that a JPEG, JPEG-LS or JPEG 2000 codestream has the size, components and depth its DICOM header promises, and
 * its end. The codecs themselves trust the codestream: one that says 65535 x 65535 would take all memory, and a
 * truncated one would decode to grey.
 * @throws NetError `DICOM_INVALID`
 */
export function checkCodestream(encoded: Uint8Array, header: DicomHeader): void {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.length)
  const frame = readSize(view)
  if (frame === undefined) throw invalid('its compressed pixels have no header')
  const { width, height, components, bits } = frame
  if (width !== header.width || height !== header.height || components !== header.samplesPerPixel) {
    throw invalid('its compressed pixels differ from its header in size')
  }
  if (bits > header.bitsAllocated) throw invalid('its compressed pixels have more bits than its header')
  // The end marker cannot occur inside the coded data; some files have rubbish of a few bytes after it.
  const tail = encoded.subarray(-TAIL_BYTES)
  const hasEnd = tail.some((byte, at) => byte === 0xff && tail[at + 1] === 0xd9)
  if (!hasEnd) throw invalid('its compressed pixels are truncated')
}

interface FrameSize {
  readonly width: number
  readonly height: number
  readonly components: number
  readonly bits: number
}

function readSize(view: DataView): FrameSize | undefined {
  if (view.byteLength >= 43 && view.getUint32(0) === 0xff4fff51) {
    return {
      width: view.getUint32(8) - view.getUint32(16),
      height: view.getUint32(12) - view.getUint32(20),
      components: view.getUint16(40),
      bits: (view.getUint8(42) & 0x7f) + 1
    }
  }
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return undefined
  for (let at = 2; at + 10 <= view.byteLength; ) {
    const marker = view.getUint16(at)
    if (marker < 0xffc0) return undefined
    if (isStartOfFrame(marker)) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)]
      return { width, height, components: view.getUint8(at + 9), bits: view.getUint8(at + 4) }
    }
    at += marker === 0xffff ? 1 : 2 + view.getUint16(at + 2) // fill bytes, else marker and its segment
  }
  return undefined
}

function isStartOfFrame(marker: number): boolean {
  if (marker === 0xfff7) return true // JPEG-LS
  return marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker)
}
