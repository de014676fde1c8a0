import sharp, { type CreateRaw, type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { decodeImage } from '../../../hashing/decode-image.ts'
import { robustRange } from '../../../hashing/decoded-image.ts'

const invalid = { code: 'IMAGE_INVALID' }
const tooLarge = { code: 'IMAGE_TOO_LARGE' }

function raw(width: number, height: number, values: ArrayLike<number>): Sharp {
  return sharp(Uint8Array.from(values), {
    raw: { width, height, channels: (values.length / width / height) as 1 | 2 | 3 | 4 }
  })
}

describe('decoding PNG, JPEG, TIFF and WebP', () => {
  test('grey and colour, lossless, in PNG, TIFF and WebP keep their values and luma', async () => {
    const grey = raw(2, 2, [0, 10, 200, 255])
    const colour = raw(2, 1, [255, 0, 0, 0, 255, 0])
    for (const format of ['png', 'tiff', 'webp'] as const) {
      const options = format === 'tiff' ? { compression: 'lzw' as const } : { lossless: true }
      const decode = async (image: Sharp) => decodeImage(await image.clone().toFormat(format, options).toBuffer())
      const plane = await decode(grey)
      expect(plane).toMatchObject({ format, width: 2, height: 2, bitDepth: 8, black: 0, white: 255 })
      expect([...plane.samples]).toEqual([0, 10, 200, 255])
      expect([format, ...(await decode(colour)).samples]).toEqual([format, 76, 150])
    }
  })

  test('every grey stored as RGB stays what it is', async () => {
    const values = Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3))
    const { samples } = await decodeImage(await raw(256, 1, values).png().toBuffer())
    expect([...samples]).toEqual(Array.from({ length: 256 }, (_, i) => i))
  })

  test('a grey JPEG and the same JPEG in colour agree within 2 levels', async () => {
    const values = Array.from({ length: 64 * 48 }, (_, i) => 128 + 90 * Math.sin(i / 400) + (i % 64) / 4)
    const rgb = values.flatMap(value => [value, value, value])
    const grey = await decodeImage(await raw(64, 48, values).toColourspace('b-w').jpeg({ quality: 95 }).toBuffer())
    const colour = await decodeImage(await raw(64, 48, rgb).jpeg({ quality: 95 }).toBuffer())
    expect([grey.width, grey.height, colour.format]).toEqual([64, 48, 'jpeg'])
    expect(grey.samples.every((value, i) => Math.abs(value - colour.samples[i]) <= 2)).toBe(true)
  })

  test('16-bit grey keeps its 16 bits and takes its percentiles for black and white', async () => {
    const values = Uint16Array.from({ length: 1000 }, (_, i) => i * 4 + 1)
    const image = sharp(values, { raw: { width: 50, height: 20, channels: 1, depth: 'ushort' } as CreateRaw })
    const png = await image.toColourspace('grey16').png().toBuffer()
    const decoded = await decodeImage(png)
    expect(decoded.samples).toEqual(values)
    expect(decoded).toMatchObject({ bitDepth: 16, black: 21, white: 3977 })
  })

  test('16-bit RGB becomes 16-bit luma', async () => {
    const values = Uint16Array.from([65535, 0, 0, 500, 500, 500])
    const image = sharp(values, { raw: { width: 2, height: 1, channels: 3, depth: 'ushort' } as CreateRaw })
    const decoded = await decodeImage(await image.toColourspace('rgb16').png().toBuffer())
    expect([...decoded.samples]).toEqual([Math.round((19595 * 65535) / 65536), 500])
  })

  test('transparency falls onto black', async () => {
    const decoded = await decodeImage(await raw(2, 1, [200, 200, 200, 0, 200, 200, 200, 128]).png().toBuffer())
    expect([...decoded.samples]).toEqual([0, 100])
  })

  test('the EXIF orientation is applied', async () => {
    const turned = await raw(3, 1, [0, 100, 200]).withMetadata({ orientation: 6 }).png().toBuffer()
    const decoded = await decodeImage(turned)
    expect([decoded.width, decoded.height, ...decoded.samples]).toEqual([1, 3, 0, 100, 200])
  })

  test('a palette PNG and a CMYK JPEG decode', async () => {
    const palette = await raw(4, 1, [255, 0, 0, 255, 0, 0, 9, 9, 9, 9, 9, 9]).png({ palette: true }).toBuffer()
    expect([...(await decodeImage(palette)).samples]).toEqual([76, 76, 9, 9])
    const cmyk = await raw(16, 16, new Array(768).fill(255)).toColourspace('cmyk').jpeg().toBuffer()
    expect(Math.min(...(await decodeImage(cmyk)).samples)).toBeGreaterThan(230)
  })

  test('a 1-pixel image decodes in every format', async () => {
    for (const format of ['png', 'jpeg', 'tiff', 'webp'] as const) {
      expect(await decodeImage(await raw(1, 1, [77]).toFormat(format).toBuffer())).toMatchObject({
        width: 1,
        height: 1,
        format
      })
    }
  })
})

describe('bad image files', () => {
  test('zero bytes, text, SVG, GIF, PDF and a lone PNG signature are IMAGE_INVALID', async () => {
    const texts = [
      '',
      'hello, this is no image',
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'GIF89a',
      '%PDF-1.7',
      '\x89PNG\r\n\x1a\n'
    ]
    for (const text of texts) await expect(decodeImage(Buffer.from(text, 'latin1'))).rejects.toMatchObject(invalid)
  })

  test('a JPEG and a PNG cut at 20 places are IMAGE_INVALID in one line', async () => {
    const noise = raw(
      64,
      64,
      Array.from({ length: 4096 }, (_, i) => (i * i * 31) & 255)
    )
    for (const bytes of [await noise.clone().jpeg().toBuffer(), await noise.clone().png().toBuffer()]) {
      for (let part = 0; part < 20; part++) {
        const error = await decodeImage(bytes.subarray(0, Math.floor((bytes.length * part) / 20))).catch(
          (caught: unknown) => caught
        )
        expect([part, error]).toMatchObject([part, invalid])
        expect((error as Error).message).not.toContain('\n')
      }
    }
  })

  test('a file above maxBytes, by default 200 MB, is IMAGE_TOO_LARGE', async () => {
    await expect(decodeImage(new Uint8Array(11), { maxBytes: 10 })).rejects.toMatchObject(tooLarge)
    await expect(decodeImage(new Uint8Array(200_000_001))).rejects.toMatchObject(tooLarge)
  })

  test('a PNG of 3000 x 3000 in some KB is IMAGE_TOO_LARGE by its header', async () => {
    const flat = sharp({ create: { width: 3000, height: 3000, channels: 3, background: '#000' } })
    const bomb = await flat.toColourspace('b-w').png({ compressionLevel: 9 }).toBuffer()
    await expect(decodeImage(bomb, { maxPixels: 8_000_000 })).rejects.toMatchObject(tooLarge)
    expect((await decodeImage(bomb, { maxPixels: 9_000_000 })).width).toBe(3000)
  })

  test('a TIFF of floats is IMAGE_INVALID, not cut to whole numbers', async () => {
    const tags = [
      [256, 2],
      [257, 1],
      [258, 32],
      [259, 1],
      [262, 1],
      [273, 134],
      [277, 1],
      [278, 1],
      [279, 8],
      [339, 3]
    ]
    const words = [[0x4949, 42, 8, 0, tags.length], tags.map(([tag, value]) => [tag, 3, 1, 0, value, 0]), [0, 0]].flat(
      2
    )
    const tiff = new Uint8Array([...new Uint8Array(Uint16Array.from(words).buffer), ...new Uint8Array(8)])
    expect((await sharp(tiff).metadata()).depth).toBe('float')
    await expect(decodeImage(tiff)).rejects.toMatchObject(invalid)
  })
})

describe('robust range', () => {
  const values = Array.from({ length: 1000 }, (_, i) => i - 300)

  test('cuts 0.5 % at either end, for whole numbers and for floats alike', () => {
    expect(robustRange(Int16Array.from(values))).toEqual({ black: -295, white: 694 })
    expect(robustRange(Float32Array.from(values))).toEqual({ black: -295, white: 694 })
    expect(robustRange(Uint16Array.of(5))).toEqual({ black: 5, white: 5 })
    expect(robustRange(Int16Array.of(-32768, 32767))).toEqual({ black: -32768, white: 32767 })
    expect(robustRange(Uint16Array.of(0, 65535))).toEqual({ black: 0, white: 65535 })
  })
})
