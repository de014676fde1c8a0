import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const ROGUE_SLAVE = 'test/hostile/rogue-slave.test.ts'
const DROPS = 'test/hostile/rogue-master-drops.test.ts'
const RECONCILE = 'test/network/node/reconcile.test.ts'
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
    find: ' || !sameOrigin(held, put)) throw conflict(held, put)',
    put: ') throw conflict(held, put)',
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
  },
  {
    name: 'drop-unproven',
    bug: 'a slave drops whatever a master asks',
    file: 'node/slave/slave.ts',
    find: '    const reason = checkDrop(entry, proof, { signer, roster, self: signer.self, now, abortGraceMs })\n',
    put: "    const reason = proof.length > 99 ? checkDrop(entry, proof, { signer, roster, self: signer.self, now, abortGraceMs }) : 'deleted'\n",
    test: DROPS,
    only: 'nothing that proves'
  },
  {
    name: 'drop-other-deletion',
    bug: 'the deletion of another image is taken',
    file: 'node/slave/check-drop.ts',
    find: 'if (deletion.id !== entry.image) throw',
    put: 'if (deletion.id.length !== 64) throw',
    test: DROPS,
    only: 'deletion of another image'
  },
  {
    name: 'drop-deletion-unsigned',
    bug: 'a deletion that its owner did not sign is taken',
    file: 'node/slave/check-drop.ts',
    find: '    verifyDeletion(deletion, ports.signer)\n',
    put: '',
    test: DROPS,
    only: 'deletion signed by itself'
  },
  {
    name: 'drop-other-record',
    bug: 'a record of another image is taken',
    file: 'node/slave/check-drop.ts',
    find: 'if (id !== entry.image) throw',
    put: 'if (id.length !== 64) throw',
    test: DROPS,
    only: 'record of another image'
  },
  {
    name: 'drop-record-unverified',
    bug: 'a record is taken unverified',
    file: 'node/slave/check-drop.ts',
    find: '  verifyRecord(record, ports)\n',
    put: '',
    test: DROPS,
    only: 'forged receipts'
  },
  {
    name: 'drop-older-record',
    bug: 'an older record is taken',
    file: 'node/slave/check-drop.ts',
    find: "if (isLater(other, mine)) return 'replaced'",
    put: "if (other.asked > 0) return 'replaced'",
    test: DROPS,
    only: 'unused claim'
  },
  {
    name: 'drop-own-record',
    bug: 'the record that names a shadow proves that it may go',
    file: 'node/slave/check-drop.ts',
    find: 'if (isOwn && holders.every(({ slave }) => slave !== ports.self))',
    put: 'if (isOwn && holders.length > 0)',
    test: DROPS,
    only: 'record that is held'
  },
  {
    name: 'drop-abort-of-any',
    bug: 'any master may take back what another put',
    file: 'node/slave/check-drop.ts',
    find: 'isRecent && isMaster(origin.master, ports) && isSigned(origin.master)',
    put: "isRecent && roster.withRole('master').some(isSigned)",
    test: DROPS,
    only: 'its own abort:'
  },
  {
    name: 'drop-abort-late',
    bug: 'the master that put a shadow may take it back for ever',
    file: 'node/slave/check-drop.ts',
    find: 'Math.abs(now - entry.putAt) <= abortGraceMs',
    put: 'entry.putAt >= 0',
    test: DROPS,
    only: '61 minutes'
  },
  {
    name: 'drop-abort-of-some',
    bug: 'the word of some masters is enough',
    file: 'node/slave/check-drop.ts',
    find: 'masters.every(isSigned)',
    put: 'masters.some(isSigned)',
    test: DROPS,
    only: '61 minutes'
  },
  {
    name: 'drop-abort-of-other-sharing',
    bug: 'an abort of another sharing is taken',
    file: 'node/slave/check-drop.ts',
    find: ' && abort.sharing === sharing',
    put: '',
    test: DROPS,
    only: 'abort of another sharing'
  },
  {
    name: 'drop-uncapped',
    bug: 'nothing bounds the drops of an hour',
    file: 'node/slave/slave.ts',
    find: '    await this.#spendDrop()\n',
    put: '',
    test: DROPS,
    only: '1,200'
  },
  {
    name: 'reconcile-no-grace',
    bug: 'shadows of a replaced sharing are dropped at once',
    file: 'node/master/judge-shadow.ts',
    find: 'clock.monotonic() - since >= policy.orphanGraceMs &&',
    put: 'clock.monotonic() - since >= 0 * policy.orphanGraceMs &&',
    test: RECONCILE,
    only: 'after the grace'
  },
  {
    name: 'reconcile-no-catch-up',
    bug: 'shadows are dropped before the other masters are caught up with',
    file: 'node/master/judge-shadow.ts',
    find: 'policy.orphanGraceMs && replicator.isCaughtUpSince(since)',
    put: 'policy.orphanGraceMs && replicator !== undefined',
    test: RECONCILE,
    only: 'caught up'
  },
  {
    name: 'reconcile-any-digest',
    bug: 'a shadow with a wrong digest counts as held',
    file: 'node/master/judge-shadow.ts',
    find: 'holder.number === entry.number && holder.digest === entry.digest',
    put: 'holder.number === entry.number',
    test: RECONCILE,
    only: 'another digest'
  },
  {
    name: 'reconcile-one-page',
    bug: 'only the first 1,000 entries are compared',
    file: 'node/master/list-slave.ts',
    find: 'if (entries.length < MAX_ITEMS) return',
    put: 'if (entries.length <= MAX_ITEMS) return',
    test: RECONCILE,
    only: '1,100'
  },
  {
    name: 'reconcile-never-behind',
    bug: 'a master does not say that its index is behind',
    file: 'node/master/shadow-census.ts',
    find: 'return many.length > 0 && many.length',
    put: 'return many.length > 99 && many.length',
    test: RECONCILE,
    only: 'empty records folder'
  },
  {
    name: 'reconcile-one-witness',
    bug: 'one slave makes a master doubt its index',
    file: 'node/master/shadow-census.ts',
    find: 'const WITNESSES = 2',
    put: 'const WITNESSES = 1',
    test: RECONCILE,
    only: 'one slave of five'
  },
  {
    name: 'reconcile-by-absence',
    bug: 'a master takes back what its index does not name',
    file: 'node/master/judge-shadow.ts',
    find: '  const given = abandoned.find(image, sharing)\n',
    put: '  const given = { origin: { asked: entry.asked, counter: entry.counter, master: signer.self }, since: 0 }\n',
    test: RECONCILE,
    only: 'backup'
  },
  {
    name: 'reconcile-forgets-failures',
    bug: 'shadows of a failed store that were not dropped at once stay',
    file: 'node/placement/abandoned-sharings.ts',
    find: '  ports.abandoned.note(given, ports.clock.monotonic())\n',
    put: '',
    test: RECONCILE,
    only: 'too late'
  },
  {
    name: 'reconcile-no-turns',
    bug: 'a slave keeps its place for as long as its list goes on',
    file: 'node/master/reconcile-shadows.ts',
    find: 'const SLICE_MS = 5_000',
    put: 'const SLICE_MS = 5e9',
    test: ROGUE_SLAVE,
    only: '10^9'
  }
]
