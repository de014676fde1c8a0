import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../base/random.ts'
import { leavingMark } from '../../../node/leaving-mark.ts'
import { loadIdentity } from '../../../node/peers/identity.ts'

const MAIN = join(import.meta.dirname, '../../../cli/main.ts')

const sfmedir = (...args: string[]) =>
  promisify(execFile)(process.execPath, [MAIN, 'drain', ...args]).then(
    () => '',
    error => error.stderr as string
  )

describe('sfmedir drain', () => {
  it('marks its own folder and no other, and takes the mark away', async () => {
    const data = await mkdtemp(join(tmpdir(), 'sfmedir-cli-drain-'))
    try {
      const { peer } = await loadIdentity(data, seededRandom('drain'))
      const { peer: other } = await loadIdentity(join(data, 'other'), seededRandom('other'))
      expect(await sfmedir(other, '--data', data)).toContain('CONFIG_INVALID')
      expect(await leavingMark(data)()).toBe(false)
      expect(await sfmedir(peer, '--data', data)).toBe('')
      expect(await leavingMark(data)()).toBe(true)
      expect(await sfmedir(peer, '--cancel', '--data', data)).toBe('')
      expect(await leavingMark(data)()).toBe(false)
    } finally {
      await rm(data, { recursive: true })
    }
  })
})
