import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { contactSheet } from '../../../cli/images/contact-sheet.ts'
import { ownViewer } from '../../../hashing/image-viewer.ts'

const grey = (level: number): Promise<Buffer> =>
  sharp({ create: { width: 40, height: 30, channels: 3, background: { r: level, g: level, b: level } } })
    .png()
    .toBuffer()

/** The level in the middle of the picture at this place of a sheet. */
async function middleOf(sheet: Uint8Array, column: number, row: number): Promise<number> {
  const { data, info } = await sharp(sheet).raw().toBuffer({ resolveWithObject: true })
  const [x, y] = [8 + column * 168 + 80, 8 + row * 216 + 80]
  return data[(y * info.width + x) * info.channels]
}

describe('a contact sheet', () => {
  it('has each picture at its place, grey squares where there is none to show, and captions that escape what they say', async () => {
    const [dark, light] = [await grey(30), await grey(200)]
    const hostile = '</svg><script>&"\u001b[2J'
    const sheet = await contactSheet(
      [
        [
          { bytes: dark, caption: ['query'] },
          { bytes: light, caption: [hostile, hostile] }
        ],
        [
          { bytes: Uint8Array.of(1, 2, 3), caption: [] },
          { bytes: undefined, caption: ['gone'] }
        ]
      ],
      ownViewer
    )
    const { width, height, format } = await sharp(sheet).metadata()
    expect([width, height, format]).toEqual([8 + 2 * 168, 8 + 2 * 216, 'png'])
    expect(await Promise.all([middleOf(sheet, 0, 0), middleOf(sheet, 1, 0)])).toEqual([30, 200])
    expect(await Promise.all([middleOf(sheet, 0, 1), middleOf(sheet, 1, 1)])).toEqual([0x55, 0x55])
  })

  it('without a picture is refused', async () => {
    await expect(contactSheet([], ownViewer)).rejects.toThrow(RangeError)
  })
})
