import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LevelRecordStore } from '../../indexing/level-record-store.ts'
import { MemoryRecordStore } from '../../indexing/memory-record-store.ts'
import { recordStoreSuite } from './record-store-suite.ts'

recordStoreSuite('memory', async () => ({ store: new MemoryRecordStore() }))

recordStoreSuite('Level', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sfmedir-records-'))
  return { store: new LevelRecordStore(folder), remove: () => rm(folder, { recursive: true }) }
})
