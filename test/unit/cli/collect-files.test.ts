import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { collectFiles } from '../../../cli/console/collect-files.ts'

const MAX = 1000
const root = mkdtempSync(join(tmpdir(), 'sfmedir-collect-'))
const fresh = (): string => mkdtempSync(join(root, 'f'))

afterAll(() => rmSync(root, { recursive: true, force: true }))

/** What reading each gives, by name: its length, or the error's code and message. */
async function outcomes(folder: string, paths: readonly string[] = [folder]): Promise<Record<string, unknown>> {
  const told: Record<string, unknown> = {}
  for (const { path, read } of collectFiles(paths, { maxBytes: MAX })) {
    told[path.replace(`${folder}/`, '')] = await read().then(
      bytes => bytes.length,
      ({ code, message }) => `${code} ${message.replace(path, '').trim()}`
    )
  }
  return told
}

describe('collectFiles', () => {
  it('walks folders in order, leaves hidden names out and gives a path named twice once', async () => {
    const folder = fresh()
    mkdirSync(join(folder, 'b'))
    for (const name of ['c', 'b/a', '.hidden', 'a']) writeFileSync(join(folder, name), name)
    const told = await outcomes(folder, [folder, join(folder, 'a'), join(folder, 'b', '*')])
    expect(Object.entries(told)).toEqual([
      ['a', 1],
      ['b/a', 3],
      ['c', 1]
    ])
  })

  it('each entry that cannot be read fails alone: links to nothing and in circles, FIFO, device, socket', async () => {
    const folder = fresh()
    mkdirSync(join(folder, 'below'))
    writeFileSync(join(folder, 'below', 'good'), 'good')
    symlinkSync('nothing', join(folder, 'dangling'))
    symlinkSync('two', join(folder, 'one'))
    symlinkSync('one', join(folder, 'two'))
    symlinkSync('..', join(folder, 'below', 'up'))
    symlinkSync('/dev/zero', join(folder, 'zero'))
    symlinkSync('/proc/self/mem', join(folder, 'unreadable'))
    execFileSync('mkfifo', [join(folder, 'fifo')])
    const server = createServer().listen(join(folder, 'socket'))
    try {
      expect(await outcomes(folder)).toEqual({
        'below/good': 4,
        'below/up': 'FILE_UNREADABLE cannot be read (a link to a folder above it)',
        dangling: 'FILE_UNREADABLE cannot be read (ENOENT)',
        fifo: 'FILE_UNREADABLE cannot be read (not a file)',
        one: 'FILE_UNREADABLE cannot be read (ELOOP)',
        socket: 'FILE_UNREADABLE cannot be read (not a file)',
        two: 'FILE_UNREADABLE cannot be read (ELOOP)',
        unreadable: 'FILE_UNREADABLE cannot be read (EIO)',
        zero: 'FILE_UNREADABLE cannot be read (not a file)'
      })
    } finally {
      server.close()
    }
  })

  it('a dangling link fails alone when it is named itself or by a glob, and so does a file that vanishes', async () => {
    const folder = fresh()
    symlinkSync('nothing', join(folder, 'dangling'))
    writeFileSync(join(folder, 'gone'), 'gone')
    for (const path of [join(folder, 'dangling'), join(folder, '*')]) {
      const [link] = collectFiles([path], { maxBytes: MAX })
      await expect(link.read()).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    }
    const [, gone] = collectFiles([folder], { maxBytes: MAX })
    unlinkSync(join(folder, 'gone'))
    await expect(gone.read()).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })

  it('a path that is nothing and matches nothing: FILE_UNREADABLE', () => {
    const missing = expect.objectContaining({ code: 'FILE_UNREADABLE' })
    expect(() => collectFiles([join(fresh(), 'none')], { maxBytes: MAX })).toThrow(missing)
  })

  it('a FIFO that is named itself is read', async () => {
    const fifo = join(fresh(), 'fifo')
    execFileSync('mkfifo', [fifo])
    const [file] = collectFiles([fifo], { maxBytes: MAX })
    const bytes = file.read()
    await writeFile(fifo, 'through the pipe')
    expect(Buffer.from(await bytes).toString()).toBe('through the pipe')
  })

  it('a file or device above the limit: IMAGE_TOO_LARGE, of a device after one byte more than that', async () => {
    const folder = fresh()
    for (const size of [MAX, MAX + 1]) writeFileSync(join(folder, `${size}`), new Uint8Array(size))
    expect(await outcomes(folder)).toEqual({ [MAX]: MAX, [MAX + 1]: expect.stringContaining('IMAGE_TOO_LARGE') })
    const [zero] = collectFiles(['/dev/zero'], { maxBytes: MAX })
    await expect(zero.read()).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE', detail: { size: MAX + 1 } })
  })
})
