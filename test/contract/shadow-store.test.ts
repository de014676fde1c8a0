import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskShadowStore } from '../../storage/disk-shadow-store.ts'
import { MemoryShadowStore } from '../../storage/memory-shadow-store.ts'
import { SUITE_QUOTA_BYTES, shadowStoreSuite } from './shadow-store-suite.ts'

shadowStoreSuite('memory', async () => ({ store: new MemoryShadowStore({ quotaBytes: SUITE_QUOTA_BYTES }) }))

shadowStoreSuite('disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sfmedir-shadows-'))
  return {
    store: new DiskShadowStore(folder, { quotaBytes: SUITE_QUOTA_BYTES, reserveBytes: 0 }),
    remove: () => rm(folder, { recursive: true })
  }
})
