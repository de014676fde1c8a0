import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const ROGUE_SLAVE = 'test/hostile/rogue-slave.test.ts'
const TRASH = 'test/contract/shadow-trash-faults.test.ts'
const STORES = 'test/contract/shadow-store.test.ts'

/** Slaves that lie to masters, and shadows that slaves drop. */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'list-out-of-order',
    bug: 'a master takes a list in any order',
    file: 'node/master/list-slave.ts',
    find: 'after !== undefined && !isAfter(key, after)',
    put: 'after !== undefined && false',
    test: ROGUE_SLAVE,
    only: 'one entry a thousand times'
  },
  {
    name: 'list-no-strike',
    bug: 'a false list does not count against the slave',
    file: 'node/master/list-slave.ts',
    find: '  peers.get(slave)?.strike()\n',
    put: '',
    test: ROGUE_SLAVE,
    only: 'falling order'
  },
  {
    name: 'list-too-long',
    bug: 'a master reads more than what a slave says it holds',
    file: 'node/master/list-slave.ts',
    find: 'listed > mostOf(slave, peers)',
    put: 'listed > mostOf(slave, peers) + 3 * MAX_ITEMS',
    test: ROGUE_SLAVE,
    only: 'new entries for ever'
  },
  {
    name: 'drops-one-more',
    bug: 'a slave drops one more than its limit',
    file: 'node/slave/drop-budget.ts',
    find: 'this.drops < this.limit(held)',
    put: 'this.drops <= this.limit(held)',
    test: 'test/unit/node/drop-budget.test.ts'
  },
  {
    name: 'drops-never-again',
    bug: 'the drops of an hour ago still count',
    file: 'node/slave/drop-budget.ts',
    find: 'minute <= now - HOUR_MINUTES',
    put: 'minute <= now - 2 * HOUR_MINUTES',
    test: 'test/unit/node/drop-budget.test.ts'
  },
  {
    name: 'trash-newest-first',
    bug: 'the trash gives way from its newest end',
    file: 'storage/trash-index.ts',
    find: 'entry.time < first.time',
    put: 'entry.time > first.time',
    test: STORES,
    only: 'oldest first'
  },
  {
    name: 'trash-before-room',
    bug: 'a put that finds no room beside the trash is refused',
    file: 'storage/store-room.ts',
    find: 'return this.#ports.quotaBytes - this.#usedBytes - this.#pendingBytes',
    put: 'return this.#ports.quotaBytes - this.#usedBytes - this.#pendingBytes - this.#ports.trash.bytes',
    test: STORES,
    only: 'trash'
  },
  {
    name: 'trash-second-shadow',
    bug: 'a slave takes another shadow of a sharing that lies in its trash',
    file: 'storage/disk-shadow-store.ts',
    find: 'if (trashed !== undefined && trashed.number !== entry.number) throw',
    put: 'if (trashed !== undefined && trashed.number > 255) throw',
    test: STORES,
    only: 'left the trash too'
  },
  {
    name: 'put-other-origin',
    bug: 'the same bytes are taken as those of another master',
    file: 'storage/shadow-key.ts',
    find: ' || !sameOrigin(held, put)',
    put: '',
    test: STORES,
    only: 'from that origin only'
  },
  {
    name: 'trash-restore-unchecked',
    bug: 'a rotten shadow is restored',
    file: 'storage/disk-trash.ts',
    find: '      await this.#checkSound(entry)\n',
    put: '',
    test: TRASH,
    only: 'rotted'
  },
  {
    name: 'trash-lost-at-kill',
    bug: 'a drop that was killed half-way counts as a loss',
    file: 'storage/reconcile.ts',
    find: 'if (trash.held.get(key)?.digest !== entry.digest) report.lost',
    put: 'report.lost',
    test: TRASH,
    only: 'killed'
  },
  {
    name: 'trash-file-lost',
    bug: 'of two files of a sharing in the trash the older one stays',
    file: 'storage/shadow-area.ts',
    find: 'b.time - a.time',
    put: 'a.time - b.time',
    test: TRASH,
    only: 'later drop'
  },
  {
    name: 'folders-remembered',
    bug: 'a store believes in folders that its last start removed',
    file: 'storage/disk-shadow-store.ts',
    find: '        this.#files.reset()\n',
    put: '',
    test: TRASH,
    only: 'between file and metadata'
  }
]
