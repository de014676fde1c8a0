import type { ImageFormat } from './decoded-image.ts'

/**
 * What the first bytes say a file is, whatever its name. Undefined for anything that is not decoded here (SVG, PDF and
 * archives among them, which the decoder below would otherwise try). DICOM needs its 128-byte preamble and `DICM`.
 */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (startsWith(bytes, 128, 'DICM')) return 'dicom' // first: a preamble may hold another format's header (TIFF)
  if (startsWith(bytes, 0, '\xff\xd8\xff')) return 'jpeg'
  if (startsWith(bytes, 0, '\x89PNG\r\n\x1a\n')) return 'png'
  if (startsWith(bytes, 0, 'II*\0') || startsWith(bytes, 0, 'MM\0*')) return 'tiff'
  if (startsWith(bytes, 0, 'RIFF') && startsWith(bytes, 8, 'WEBP')) return 'webp'
  return undefined
}

function startsWith(bytes: Uint8Array, offset: number, text: string): boolean {
  if (bytes.length < offset + text.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false
  return true
}
