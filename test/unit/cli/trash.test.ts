import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiskShadowStore } from '../../../storage/disk-shadow-store.ts'
import { dropAt, exampleKey, exampleShadow, ORIGIN } from '../../contract/example-shadow.ts'

const MAIN = join(import.meta.dirname, '../../../cli/main.ts')

describe('sfmedir trash', () => {
  let folder: string
  let store: DiskShadowStore
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sfmedir-cli-trash-'))
    store = new DiskShadowStore(join(folder, 'shadows'), { reserveBytes: 0 })
    await store.start()
    for (const n of [1, 2]) {
      await store.put(exampleKey(n), exampleShadow(n), ORIGIN)
      await store.drop(exampleKey(n), dropAt(1_700_000_000_000 + n, 'replaced'))
    }
  })
  afterEach(async () => {
    await store.stop()
    await rm(folder, { recursive: true })
  })

  const sfmedir = async (...args: string[]) => {
    const options = { cwd: folder }
    return await promisify(execFile)(process.execPath, [MAIN, 'trash', ...args, '--data', folder], options).then(
      ({ stdout }) => ({ code: 0, out: stdout, errors: '' }),
      error => ({ code: error.code as number, out: error.stdout as string, errors: error.stderr as string })
    )
  }

  it('list says when and why, restore brings one image back, --all the rest', async () => {
    await store.stop()
    const { out } = await sfmedir('list', '--json')
    const listed = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(listed).toHaveLength(2)
    expect(listed).toContainEqual({
      ...exampleKey(1),
      bytes: 100,
      reason: 'replaced',
      time: new Date(1_700_000_000_001).toISOString()
    })
    expect((await sfmedir('list', exampleKey(2).image)).out.trim().split('\n')).toHaveLength(1)
    expect((await sfmedir('restore', exampleKey(1).image)).out).toContain('1 shadows restored')
    expect((await sfmedir('restore', '--all')).out).toContain('1 shadows restored')
    expect((await sfmedir('list')).out).toBe('nothing dropped\n')
    await store.start()
    for (const n of [1, 2]) expect([...(await store.get(exampleKey(n)))]).toEqual([...exampleShadow(n)])
  })

  it('while the slave runs: STORE_LOCKED in one line; restore of nothing: called wrongly', async () => {
    const { code, errors } = await sfmedir('list')
    expect([code, errors.trim().split('\n').length]).toEqual([1, 1])
    expect(errors).toMatch(/STORE_LOCKED.*stop it/)
    expect((await sfmedir('restore')).code).toBe(2)
  })
})
