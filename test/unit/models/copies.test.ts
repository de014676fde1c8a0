import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { COPY_RMS, withoutCopies } from '../../../models/data/copies.ts'
import { fileSources } from '../../../models/data/file-source.ts'
import type { ViewSet } from '../../../models/data/load-views.ts'
import { figuresBySource } from '../../../models/evaluate/by-source.ts'

const SIDE = 32

function setOf(planes: readonly Uint8Array[]): ViewSet {
  const pixels = new Uint8Array(new SharedArrayBuffer(planes.length * SIDE ** 2))
  planes.forEach((plane, at) => {
    pixels.set(plane, at * SIDE ** 2)
  })
  const names = planes.map((_, at) => `${at}`)
  const labels = new Int32Array(planes.length)
  return { side: SIDE, classes: ['a', 'b'], names, labels, pixels, digest: '', unreadable: [] }
}

const image = Uint8Array.from({ length: SIDE ** 2 }, (_, at) => 40 + ((at * 7) % 150))
/** A view that differs from the image by exactly this root mean square: every pixel by `rms`, up or down in turn. */
const apart = (rms: number): Uint8Array => image.map((level, at) => level + (at % 2 === 0 ? rms : -rms))

describe('queries without copies', () => {
  it('a view 3/255 RMS from a training image is left out, one 4/255 or 5/255 from it stays', () => {
    expect(COPY_RMS).toBe(4)
    const training = setOf([new Uint8Array(SIDE ** 2), image])
    expect([...withoutCopies(setOf([apart(0), apart(3), apart(4), apart(5)]), training)]).toEqual([2, 3])
  })

  it('a few pixels far off keep it a copy as long as the mean stays below', () => {
    const speck = image.slice()
    speck[100] += 100 // 3.1 RMS
    const two = speck.slice()
    two[200] += 100 // 4.4 RMS
    expect([...withoutCopies(setOf([speck, two]), setOf([image]))]).toEqual([1])
  })
})

describe('the source of a file', () => {
  it('is colour with three channels, grey with one, other where it is no raster', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sfmedir-source-'))
    const create = { width: 8, height: 8, channels: 3, background: '#808080' } as const
    const paths = ['colour.jpg', 'grey.jpg', 'other'].map(name => join(dir, name))
    await sharp({ create }).jpeg().toFile(paths[0])
    await sharp({ create }).toColourspace('b-w').jpeg().toFile(paths[1])
    writeFileSync(paths[2], 'DICM')
    expect(await fileSources(paths)).toEqual(['colour', 'grey', 'other'])
    rmSync(dir, { recursive: true })
  })
})

describe('figures by source', () => {
  it('are means over the queries of each source, together and by class, clean and attacked', () => {
    const figures = figuresBySource({
      sources: ['grey', 'colour', 'grey', 'colour'],
      labels: Int32Array.of(0, 0, 1, 1),
      clean: Float64Array.of(1, 0.5, 0.75, 0),
      attacked: Float64Array.of(0.5, 0, 0.25, 0)
    })
    const short = figures.map(({ source, label, queries, map100, adversarialMap100 }) => [
      source,
      label,
      queries,
      map100,
      adversarialMap100
    ])
    expect(short).toEqual([
      ['colour', undefined, 2, 0.25, 0],
      ['colour', 0, 1, 0.5, 0],
      ['colour', 1, 1, 0, 0],
      ['grey', undefined, 2, 0.875, 0.375],
      ['grey', 0, 1, 1, 0.5],
      ['grey', 1, 1, 0.75, 0.25]
    ])
    expect([figures[0].low, figures[0].high]).toEqual([0, 0.5])
  })
})
