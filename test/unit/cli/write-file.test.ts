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
  it('makes the folder and the file, and leaves nothing else in it', async () => {
    const path = fresh()
    await writeNew(path, Uint8Array.of(1, 2, 3))
    expect([...readFileSync(path)]).toEqual([1, 2, 3])
    expect(readdirSync(join(path, '..'))).toEqual(['file'])
  })

  it('a file that exists is refused and stays, without a trace beside it; with overwrite it is replaced', async () => {
    const path = fresh()
    await writeNew(path, 'old')
    await expect(writeNew(path, 'new')).rejects.toEqual(unwritable)
    expect(readFileSync(path, 'utf8')).toBe('old')
    await writeNew(path, 'new', { overwrite: true })
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(readdirSync(join(path, '..'))).toEqual(['file'])
  })

  it('a secret is readable by its owner only', async () => {
    const path = fresh()
    await writeNew(path, 'key', { mode: 0o600 })
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('a mode that is asked for holds whatever the umask', async () => {
    const path = fresh()
    const before = process.umask(0o077)
    try {
      await writeNew(path, 'image', { mode: 0o644 })
    } finally {
      process.umask(before)
    }
    expect(statSync(path).mode & 0o777).toBe(0o644)
  })

  it('a folder that cannot be made: FILE_UNWRITABLE', async () => {
    const file = fresh()
    await writeNew(file, '')
    await expect(writeNew(join(file, 'below', 'other'), '')).rejects.toEqual(unwritable)
  })

  it.skipIf(!canMount())(
    'on a full disk: FILE_UNWRITABLE, the file that was there stays whole, nothing is left beside it',
    async () => {
      await withMount(join(folder, 'small'), 'size=1m', async at => {
        const path = join(at, 'file')
        writeFileSync(path, 'old')
        await expect(writeNew(path, new Uint8Array(3_000_000), { overwrite: true })).rejects.toEqual(unwritable)
        await expect(writeNew(join(at, 'other'), new Uint8Array(3_000_000))).rejects.toEqual(unwritable)
        expect(readFileSync(path, 'utf8')).toBe('old')
        expect(readdirSync(at)).toEqual(['file'])
      })
    }
  )
})
