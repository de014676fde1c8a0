import type { Random } from '../../base/random.ts'
import { bilinear } from './bilinear.ts'

/** How often training changes what a file's source decides: how tightly it is cut, and how its tones are spread. */
export interface Reframing {
  /** Share of images that are cut to the head, tightly or loosely. */
  readonly crop: number
  /** Share of images whose histogram is made even. */
  readonly equalise: number
}

/** A part of a view in pixels; it may reach beyond the view. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const TIGHTEST = -0.03 // of the head's width or height, added at each side
const LOOSEST = 0.25
const DARK_SHARE = 0.1 // of the pixels are background even where the head fills the view
const ABOVE_BACKGROUND = 16 // levels: beyond the noise of JPEG
const FEWEST = 3 // pixels that make a row or column part of the head: specks do not

/** Perhaps cut `view` (side x side) to the head and perhaps make its histogram even, each by its own draw. */
export function reframe(
  view: Uint8Array,
  { side, by, random }: { side: number; by: Reframing; random: Random }
): Uint8Array {
  const [crop, equalised, ...margins] = unitDraws(random, 6)
  const toned = equalised < by.equalise ? equalise(view) : view
  if (crop >= by.crop) return toned
  const [left, top, right, bottom] = margins.map(draw => TIGHTEST + draw ** 2 * (LOOSEST - TIGHTEST)) // half below 0.04
  const head = headBox(view, side)
  const box = {
    left: head.left - left * head.width,
    top: head.top - top * head.height,
    width: head.width * (1 + left + right),
    height: head.height * (1 + top + bottom)
  }
  return cut(toned, side, box)
}

/** The smallest box around all rows and columns that show something brighter than the background; else the whole view. */
export function headBox(view: Uint8Array, side: number): Box {
  const background = view.slice().sort()[Math.floor(DARK_SHARE * view.length)]
  const [rows, columns] = [new Uint16Array(side), new Uint16Array(side)]
  view.forEach((level, at) => {
    if (level <= background + ABOVE_BACKGROUND) return
    rows[Math.floor(at / side)]++
    columns[at % side]++
  })
  const shows = (count: number): boolean => count >= FEWEST
  const [left, top] = [columns.findIndex(shows), rows.findIndex(shows)]
  if (left < 0 || top < 0) return { left: 0, top: 0, width: side, height: side }
  return {
    left,
    top,
    width: columns.findLastIndex(shows) + 1 - left,
    height: rows.findLastIndex(shows) + 1 - top
  }
}

/** What `box` holds of a view, stretched to side x side; black where it reaches beyond. */
export function cut(view: Uint8Array, side: number, { left, top, width, height }: Box): Uint8Array {
  const seen = new Uint8Array(side * side)
  for (let y = 0, at = 0; y < side; y++) {
    const row = top + ((y + 0.5) * height) / side - 0.5
    for (let x = 0; x < side; x++, at++) {
      const column = left + ((x + 0.5) * width) / side - 0.5
      if (row < -0.5 || column < -0.5 || row > side - 0.5 || column > side - 0.5) continue
      const inside = { column: within(column, side), row: within(row, side) }
      seen[at] = Math.round(bilinear(view, side, inside))
    }
  }
  return seen
}

/** The view with every level moved to its rank, so that all tones are about equally frequent (0 to 255). */
export function equalise(view: Uint8Array): Uint8Array {
  const ranks = new Uint32Array(256)
  for (const level of view) ranks[level]++
  for (let level = 1; level < 256; level++) ranks[level] += ranks[level - 1]
  const darkest = ranks.find(rank => rank > 0) ?? 0
  if (darkest === view.length) return view // one tone
  return view.map(level => Math.round((255 * (ranks[level] - darkest)) / (view.length - darkest)))
}

function within(place: number, side: number): number {
  return Math.min(side - 1, Math.max(0, place))
}

/** Evenly drawn numbers from 0 to below 1 (16 bits each). */
function unitDraws(random: Random, count: number): number[] {
  const words = new Uint16Array(count)
  random.fill(new Uint8Array(words.buffer))
  return Array.from(words, word => word / 65536)
}
