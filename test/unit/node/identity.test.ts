import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { systemRandom } from '../../../base/random.ts'
import { loadIdentity } from '../../../node/peers/identity.ts'
import { canMount, withMount } from '../../contract/small-disk.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfmedir-identity-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('loadIdentity', () => {
  it('eight calls at once make one identity, and leave nothing beside it', async () => {
    const data = join(folder, 'peer')
    const made = await Promise.all(Array.from({ length: 8 }, () => loadIdentity(data, systemRandom)))
    expect(new Set(made.map(({ peer }) => peer)).size).toBe(1)
    expect(readdirSync(data)).toEqual(['identity.key'])
  })

  it.skipIf(!canMount())('a full disk gives FILE_UNWRITABLE and no half identity: with room it is made', async () => {
    await withMount(join(folder, 'small'), 'size=64k', async at => {
      const filler = join(at, 'filler')
      expect(() => {
        for (;;) appendFileSync(filler, new Uint8Array(4096))
      }).toThrow('ENOSPC')
      await expect(loadIdentity(at, systemRandom)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
      rmSync(filler)
      const { peer } = await loadIdentity(at, systemRandom)
      expect((await loadIdentity(at, systemRandom)).peer).toBe(peer)
    })
  })
})
