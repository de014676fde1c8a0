import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const CUT = { test: 'test/contract/record-store-power-cut.test.ts' }

/** Records that are lost, doubled or out of step. */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'records-unsynced',
    bug: 'a commit of records is acknowledged before it is synced',
    file: 'base/synced-level.ts',
    find: '{ sync: true }',
    put: '{ sync: false }',
    ...CUT,
    only: 'loses no acknowledged record'
  },
  {
    name: 'records-acknowledged-early',
    bug: 'records are acknowledged while they are being written',
    file: 'indexing/level-record-store.ts',
    find: 'if (fresh.length > 0) await this.#commit(fresh)',
    put: 'if (fresh.length > 0) void this.#commit(fresh)',
    ...CUT,
    only: 'loses no acknowledged record'
  },
  {
    name: 'records-no-reload',
    bug: 'after a failed commit the records are not read anew',
    file: 'indexing/level-record-store.ts',
    find: '      this.#inDoubt = true\n',
    put: '',
    ...CUT,
    only: 'reached the log'
  },
  {
    name: 'level-not-reopened',
    bug: 'after a failed write Level is used on',
    file: 'base/synced-level.ts',
    find: '      if (this.#level === level) this.#level = undefined\n      await level.close()',
    put: '      await level.close()',
    ...CUT,
    only: 'reached the log'
  },
  {
    name: 'codes-distance-16-used',
    bug: 'a few codes: what differs in all 16 bits is missed',
    file: 'indexing/code-directory.ts',
    find: 'for (let from = 0, distance = 0; distance <= MOST_BITS &&',
    put: 'for (let from = 0, distance = 0; distance < MOST_BITS &&',
    test: 'test/unit/indexing/nearest.test.ts',
    only: 'the farthest'
  },
  {
    name: 'codes-distance-16-masks',
    bug: 'many codes: what differs in all 16 bits is missed',
    file: 'indexing/code-directory.ts',
    find: 'for (let distance = 0; distance <= MOST_BITS && near.length < k; distance++) {\n      let length',
    put: 'for (let distance = 0; distance < MOST_BITS && near.length < k; distance++) {\n      let length',
    test: 'test/unit/indexing/nearest.test.ts',
    only: 'the farthest'
  }
]
