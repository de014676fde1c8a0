import { execFileSync, spawnSync } from 'node:child_process'
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
  for (const { path, read } of collectFiles(paths, { maxBytes: MAX }).files) {
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

  it('a name that is not UTF-8 is read all the same, and two of them that look alike are two', async () => {
    const folder = fresh()
    for (const byte of [0xe9, 0xe8]) writeFileSync(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.of(byte)]), 'x')
    const { files } = collectFiles([folder], { maxBytes: MAX })
    expect(files.map(({ path }) => path)).toEqual(Array(2).fill(`${folder}/x\ufffd`))
    expect(await Promise.all(files.map(file => file.read()))).toHaveLength(2)
  })

  it('counts hidden names, knows the size and the first bytes of files, and what was named and what was walked', async () => {
    const folder = fresh()
    for (const name of ['.a', '.b', 'c']) writeFileSync(join(folder, name), name)
    symlinkSync('nothing', join(folder, 'd'))
    const { files, hidden } = collectFiles([folder, join(folder, '.a')], { maxBytes: MAX })
    expect(hidden).toBe(2)
    expect(files.map(({ bytes, isWalked, head }) => [bytes, isWalked, Buffer.from(head() ?? []).toString()])).toEqual([
      [1, true, 'c'],
      [undefined, true, ''],
      [2, false, '.a']
    ])
  })

  it('of standard input no more than one byte above the limit is read', async () => {
    const module = new URL('../../../cli/console/collect-files.ts', import.meta.url).pathname
    const program = `import { collectFiles } from ${JSON.stringify(module)}
      const [file] = collectFiles(['-'], { maxBytes: ${MAX} }).files
      console.log(await file.read().then(bytes => bytes.length, error => error.code + ' ' + error.detail.size))`
    const run = (input: number): string =>
      // a pipe that is closed early is an error of who writes into it: the program's own word counts
      spawnSync(process.execPath, ['--input-type=module', '-e', program], {
        input: new Uint8Array(input)
      }).stdout.toString()
    expect([MAX, MAX + 1, 3 * 65_536].map(run)).toEqual([
      `${MAX}\n`,
      `IMAGE_TOO_LARGE ${MAX + 1}\n`,
      `IMAGE_TOO_LARGE ${MAX + 1}\n`
    ])
  })

  it('a dangling link fails alone when it is named itself or by a glob, and so does a file that vanishes', async () => {
    const folder = fresh()
    symlinkSync('nothing', join(folder, 'dangling'))
    writeFileSync(join(folder, 'gone'), 'gone')
    for (const path of [join(folder, 'dangling'), join(folder, '*')]) {
      const [link] = collectFiles([path], { maxBytes: MAX }).files
      await expect(link.read()).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    }
    const [, gone] = collectFiles([folder], { maxBytes: MAX }).files
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
    const [file] = collectFiles([fifo], { maxBytes: MAX }).files
    const bytes = file.read()
    await writeFile(fifo, 'through the pipe')
    expect(Buffer.from(await bytes).toString()).toBe('through the pipe')
  })

  it('a file or device above the limit: IMAGE_TOO_LARGE, of a device after one byte more than that', async () => {
    const folder = fresh()
    for (const size of [MAX, MAX + 1]) writeFileSync(join(folder, `${size}`), new Uint8Array(size))
    expect(await outcomes(folder)).toEqual({ [MAX]: MAX, [MAX + 1]: expect.stringContaining('IMAGE_TOO_LARGE') })
    const [zero] = collectFiles(['/dev/zero'], { maxBytes: MAX }).files
    await expect(zero.read()).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE', detail: { size: MAX + 1 } })
  })
})
