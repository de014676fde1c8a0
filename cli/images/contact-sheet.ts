import sharp from 'sharp'
import { NetError } from '../../base/errors.ts'
import type { ImageViewer } from '../../hashing/image-viewer.ts'
import { openViewPool } from '../../hashing/view-pool.ts'
import { printable } from '../console/printable.ts'
import { writeNew } from '../console/write-file.ts'

/** One picture of a sheet. */
export interface Tile {
  /** The image file; undefined where there is none to show. */
  readonly bytes: Uint8Array | undefined
  /** Up to three lines below it. */
  readonly caption: readonly string[]
}

const SIDE = 160 // pixels of a picture
const LINE = 16
const LINES = 3
const GAP = 8
const WIDEST = 24 // characters of a line

/** Write a {@link contactSheet}, over a file of that name; files are decoded in processes that may be ended. @throws NetError `FILE_UNWRITABLE` */
export async function writeSheet(path: string, rows: readonly (readonly Tile[])[]): Promise<void> {
  const viewer = openViewPool()
  try {
    await writeNew(path, await contactSheet(rows, viewer), { overwrite: true, mode: 0o600 }) // it shows what is kept encrypted
  } finally {
    await viewer.close()
  }
}

/**
 * A PNG of rows of pictures with captions, stretched to squares as the hash model sees them. What cannot be decoded is a grey
 * square: one odd file spoils no sheet.
 * @throws RangeError without a picture
 */
export async function contactSheet(rows: readonly (readonly Tile[])[], viewer: ImageViewer): Promise<Uint8Array> {
  const columns = Math.max(0, ...rows.map(row => row.length))
  if (columns === 0) throw new RangeError('a sheet has at least one picture')
  const size = { width: GAP + columns * (SIDE + GAP), height: GAP + rows.length * (SIDE + LINES * LINE + GAP) }
  const places = rows.flatMap((row, y) =>
    row.map((tile, x) => ({
      ...tile,
      left: GAP + x * (SIDE + GAP),
      top: GAP + y * (SIDE + LINES * LINE + GAP)
    }))
  )
  const pictures = await Promise.all(
    places.map(async ({ bytes, left, top }) => ({
      input: await pictureOf(bytes, viewer),
      raw: { width: SIDE, height: SIDE, channels: 1 as const },
      left,
      top
    }))
  )
  const texts = places.flatMap(({ caption, left, top }) =>
    caption.slice(0, LINES).map((line, at) => textAt(line, left, top + SIDE + (at + 1) * LINE - 4))
  )
  const words = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" font-family="monospace" font-size="11" fill="#ddd">${texts.join('')}</svg>`
  return sharp({ create: { ...size, channels: 3, background: '#222' } })
    .composite([...pictures, { input: Buffer.from(words), left: 0, top: 0 }])
    .png()
    .toBuffer()
}

async function pictureOf(bytes: Uint8Array | undefined, viewer: ImageViewer): Promise<Buffer> {
  if (bytes === undefined) return Buffer.alloc(SIDE * SIDE, 0x55)
  try {
    return Buffer.from((await viewer.view(bytes, { version: 1, side: SIDE })).pixels)
  } catch (error) {
    if (!(error instanceof NetError)) throw error
    return Buffer.alloc(SIDE * SIDE, 0x55)
  }
}

/** A line of a caption: other peers chose its words, so they are cut, cleaned and escaped. */
function textAt(line: string, x: number, y: number): string {
  const words = [...printable(line)].slice(0, WIDEST).join('')
  const escaped = words.replace(/[&<>"']/g, char => `&#${char.charCodeAt(0)};`)
  return `<text x="${x}" y="${y}">${escaped}</text>`
}
