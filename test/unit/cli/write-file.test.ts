import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeNew } from '../../../cli/console/write-file.ts'
import { canMount, withMount } from '../../contract/small-disk.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfmedir-write-'))
const fresh = (): string => join(mkdtempSync(join(folder, 'f')), 'below', 'file')
const unwritable = expect.objectContaining({ code: 'FILE_UNWRITABLE' })

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('writeNew', () => {
  it('makes the folder and the file, and leaves nothing else in it', () => {
    const path = fresh()
    writeNew(path, Uint8Array.of(1, 2, 3))
    expect([...readFileSync(path)]).toEqual([1, 2, 3])
    expect(readdirSync(join(path, '..'))).toEqual(['file'])
  })

  it('a file that exists is refused and stays, without a trace beside it; with overwrite it is replaced', () => {
    const path = fresh()
    writeNew(path, 'old')
    expect(() => writeNew(path, 'new')).toThrow(unwritable)
    expect(readFileSync(path, 'utf8')).toBe('old')
    writeNew(path, 'new', { overwrite: true })
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(readdirSync(join(path, '..'))).toEqual(['file'])
  })

  it('a secret is readable by its owner only', () => {
    const path = fresh()
    writeNew(path, 'key', { mode: 0o600 })
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('a mode that is asked for holds whatever the umask', () => {
    const path = fresh()
    const before = process.umask(0o077)
    try {
      writeNew(path, 'image', { mode: 0o644 })
    } finally {
      process.umask(before)
    }
    expect(statSync(path).mode & 0o777).toBe(0o644)
  })

  it('a folder that cannot be made: FILE_UNWRITABLE', () => {
    const file = fresh()
    writeNew(file, '')
    expect(() => writeNew(join(file, 'below', 'other'), '')).toThrow(unwritable)
  })

  it.skipIf(!canMount())(
    'on a full disk: FILE_UNWRITABLE, the file that was there stays whole, nothing is left beside it',
    async () => {
      await withMount(join(folder, 'small'), 'size=1m', async at => {
        const path = join(at, 'file')
        writeFileSync(path, 'old')
        expect(() => writeNew(path, new Uint8Array(3_000_000), { overwrite: true })).toThrow(unwritable)
        expect(() => writeNew(join(at, 'other'), new Uint8Array(3_000_000))).toThrow(unwritable)
        expect(readFileSync(path, 'utf8')).toBe('old')
        expect(readdirSync(at)).toEqual(['file'])
      })
    }
  )
})
