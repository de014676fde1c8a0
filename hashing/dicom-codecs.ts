import { checkCodestream } from './codestream.ts'
import { type DicomHeader, invalid } from './dicom-header.ts'

type Decode = 'decodeRle' | 'decodeJpeg' | 'decodeJpegLs' | 'decodeJpeg2000'

// The decoders of dcmjs-imaging that its own types leave out.
type Codecs = Record<Decode, (frame: object, encoded: Uint8Array, parameters?: object) => Uint8Array> & {
  initializeAsync(): Promise<void>
  release(): void
}

const JPEG = '1.2.840.10008.1.2.4.'
const DECODERS: Readonly<Record<string, Decode>> = {
  '1.2.840.10008.1.2.5': 'decodeRle',
  [`${JPEG}50`]: 'decodeJpeg', // baseline
  [`${JPEG}51`]: 'decodeJpeg', // extended, 12 bits
  [`${JPEG}53`]: 'decodeJpeg', // spectral selection (retired)
  [`${JPEG}55`]: 'decodeJpeg', // full progression (retired)
  [`${JPEG}57`]: 'decodeJpeg', // lossless
  [`${JPEG}70`]: 'decodeJpeg', // lossless, first-order prediction
  [`${JPEG}80`]: 'decodeJpegLs', // lossless
  [`${JPEG}81`]: 'decodeJpegLs', // near-lossless
  [`${JPEG}90`]: 'decodeJpeg2000', // lossless
  [`${JPEG}91`]: 'decodeJpeg2000'
}

let loaded: Promise<Codecs> | undefined

/** Whether frames in this transfer syntax are compressed in a way that {@link decompressFrame} knows. */
export function isCompressed(syntax: string): boolean {
  return syntax in DECODERS
}

/**
 * Decompress one frame to little-endian samples, colours side by side. Blocks for some tens of milliseconds a megapixel:
 * the codecs are WebAssembly in this thread. They load on first use (100 ms).
 * @throws NetError `DICOM_INVALID`
 */
export async function decompressFrame(header: DicomHeader, encoded: Uint8Array): Promise<Uint8Array> {
  const decode = DECODERS[header.syntax]
  if (decode !== 'decodeRle') checkCodestream(encoded, header)
  loaded ??= load()
  const codecs = await loaded
  const expected = header.width * header.height * header.samplesPerPixel * (header.bitsAllocated / 8)
  try {
    const frame = codecs[decode](describe(header), encoded, {
      convertColorspaceToRgb: decode === 'decodeJpeg' && header.samplesPerPixel === 3 && header.photometric !== 'RGB'
    })
    if (frame.length !== expected) throw new Error(`${frame.length} bytes decoded, not ${expected}`)
    return frame.slice() // out of the codecs' memory, which the next frame reuses
  } catch (cause) {
    codecs.release() // a failed decode may have left the codecs' memory in any state: start anew with the next frame
    loaded = undefined
    throw invalid('its compressed pixels are damaged', cause)
  }
}

async function load(): Promise<Codecs> {
  const { default: imaging } = (await import('dcmjs-imaging')) as unknown as { default: { NativePixelDecoder: Codecs } }
  await imaging.NativePixelDecoder.initializeAsync()
  return imaging.NativePixelDecoder
}

function describe(header: DicomHeader): object {
  return {
    getWidth: () => header.width,
    getHeight: () => header.height,
    getBitsAllocated: () => header.bitsAllocated,
    getBitsStored: () => header.bitsStored,
    getSamplesPerPixel: () => header.samplesPerPixel,
    getPixelRepresentation: () => Number(header.signed),
    getPlanarConfiguration: () => 1, // asks for colours side by side: dcmjs-imaging names the two the other way round
    getPhotometricInterpretation: () => header.photometric
  }
}
