import { bug } from '../../scripts/plant/bug.ts'
import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const COMPARE = 'test/unit/node/compare-indexes.test.ts'
const HEAL = 'test/network/node/heal-index.test.ts'
const STORES = 'test/contract/record-store.test.ts'
const FAULTS = 'test/contract/record-store-faults.test.ts'
const HOSTILE = 'test/hostile/lying-compare.test.ts'
const INDEXES = 'node/replication/compare-indexes.ts'
const CATCH_UP = 'node/replication/catch-up.ts'

/** How masters' indexes heal, one step of it taken out at a time. */
export const PLANTED: readonly PlantedBug[] = [
  bug(
    'digest-not-on-put',
    'a record that is put is not in the digest',
    [
      'indexing/level-record-store.ts',
      '      this.#digests.replace(latest.record.id, held?.encoded, latest.encoded)\n',
      '      if (latest.record.stored === undefined) this.#digests.replace(latest.record.id, held?.encoded, latest.encoded)\n'
    ],
    [STORES, 'digests tell']
  ),
  bug(
    'digest-not-on-tombstone',
    'a deletion leaves the digest as it was',
    [
      'indexing/level-record-store.ts',
      '      this.#digests.replace(latest.record.id, held?.encoded, latest.encoded)\n',
      '      if (latest.record.stored !== undefined) this.#digests.replace(latest.record.id, held?.encoded, latest.encoded)\n'
    ],
    [STORES, 'digests tell']
  ),
  bug(
    'digest-stale-above',
    'what is above a bucket keeps its digest',
    ['indexing/digest-tree.ts', 'for (const above of pathFrom(node)) this.#known.delete(above)', ''],
    [STORES, 'digests tell']
  ),
  bug(
    'digest-first-record',
    'the first record of a bucket changes nothing above it',
    ['indexing/digest-tree.ts', '      this.#known.delete(above)\n', ''],
    [STORES, 'digests tell']
  ),
  bug(
    'compare-skips-bucket',
    'the last bucket of a portion is skipped',
    [
      INDEXES,
      '  return nodes.map(node => node - DIGEST_NODES)',
      '  return nodes.slice(1).map(node => node - DIGEST_NODES)'
    ],
    [COMPARE, 'alike: 1 KiB']
  ),
  bug(
    'compare-last-portion',
    'what does not fill a request is not asked for',
    [INDEXES, '  if (ranges.length > 0) yield ranges\n', ''],
    [COMPARE, 'alike: 1 KiB']
  ),
  bug(
    'compare-ends-early',
    'an answer that ends early is taken for the end',
    [INDEXES, '      if (reached === undefined) break', '      break'],
    [COMPARE, 'nothing held']
  ),
  bug(
    'compare-standstill',
    'a comparison need not go on',
    [INDEXES, 'if ((after !== undefined && reached <= after) || reached > last) {', 'if (reached > last) {'],
    [COMPARE, 'stands still']
  ),
  bug(
    'compare-short',
    'answers may end early for ever',
    [INDEXES, "      if (records.length < LEAST_PAGE) spend(left, 'short')\n", ''],
    [COMPARE, 'one image at a time']
  ),
  bug(
    'compare-refused',
    'records that nobody takes may come for ever',
    [INDEXES, "      spend(left, 'refused', result.refused)\n", ''],
    [COMPARE, 'that nobody takes']
  ),
  bug(
    'compare-unasked',
    'records outside the ranges are taken',
    [
      'node/replication/take-records.ts',
      '  if (isAsked(record)) return record\n',
      '  if (isAsked !== undefined) return record\n'
    ],
    [HOSTILE, 'not asked for']
  ),
  bug(
    'compare-unverified',
    'records that comparing brings are not verified',
    ['node/replication/take-records.ts', '  await verifyRecordLater(record, ports)\n', ''],
    [HOSTILE, 'unsigned']
  ),
  bug(
    'verify-later-unread',
    'what threads say of signatures is not looked at',
    [
      'node/proofs/verify-record.ts',
      'if (!good.every(isGood => isGood === true)) verifyRecord',
      'if (good.length < 0) verifyRecord'
    ],
    [HOSTILE, 'unsigned']
  ),
  bug(
    'never-compared',
    'indexes that differ are pulled by cursor alone',
    [CATCH_UP, '      if (!isKnown || !this.#isPaused(master)) await this.#compare(master)\n', ''],
    [HEAL, 'lost behind a cursor']
  ),
  bug(
    'incarnation-ignored',
    'a master with a new disk is read on from where the old one was',
    [
      CATCH_UP,
      'cursor?.incarnation === incarnation ? cursor : undefined',
      'incarnation.length > 0 ? cursor : undefined'
    ],
    ['test/unit/node/catch-up.test.ts', 'of another disk']
  ),
  bug(
    'cursor-before-records',
    'a cursor is persisted before the records',
    [
      'node/replication/pull-changes.ts',
      "    spend(left, 'refused', await ports.take(page.records.map(({ record }) => record)))\n    await ports.reached(reached)\n",
      "    await ports.reached(reached)\n    spend(left, 'refused', await ports.take(page.records.map(({ record }) => record)))\n"
    ],
    ['test/unit/node/pull-changes.test.ts', 'before its records']
  ),
  bug(
    'cursor-forgotten',
    'cursors do not outlive a stop',
    [
      'indexing/bookmarks.ts',
      '      if (cursor !== undefined) cursors.set(',
      '      if (cursor === undefined) cursors.set('
    ],
    [STORES, 'cursors and incarnation']
  ),
  bug(
    'compare-overwrites-newer',
    'what another master gives replaces what is newer here',
    ['indexing/memory-record-store.ts', 'if (held !== undefined && !supersedes(put, held)) return false', ''],
    [STORES, 'refuses the same record']
  ),
  bug(
    'damage-kept',
    'a damaged record stays where it is',
    ['indexing/mend-records.ts', ", { type: 'del', key })", ')'],
    [FAULTS, 'told to mend: they are set aside']
  )
]
