import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

/** Who may do what, and what masters keep alike. */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'store-view-not-compared',
    bug: 'a code of another view is taken',
    file: 'node/master/store-image.ts',
    find: 'claim.space.model !== space.model || claim.space.view !== space.view',
    put: 'claim.space.model !== space.model',
    test: 'test/network/node/master-checks.test.ts',
    only: 'another view'
  },
  {
    name: 'store-claim-unverified',
    bug: 'a claim is not verified when it is stored',
    file: 'node/master/store-image.ts',
    find: '  verifyClaim(claim, signer)\n',
    put: '  verifyClaim satisfies unknown\n  signer satisfies unknown\n',
    test: 'test/network/node/bad-input.test.ts',
    only: 'a claim'
  },
  {
    name: 'store-leaves-shadows',
    bug: 'shadows stay after a store of which no master kept the record',
    file: 'node/master/store-image.ts',
    find: '    else ports.abandoned.note(given, ports.clock.monotonic())\n',
    put: '',
    test: 'test/network/node/master-checks.test.ts',
    only: 'no master can keep'
  },
  {
    name: 'seal-unbound',
    bug: 'a sealed record is not bound to its image and sharing',
    file: 'node/proofs/record-seal.ts',
    find: 'function contextOf({ image, sharing }: SealedOf): Uint8Array {\n',
    put: 'function contextOf(_: SealedOf): Uint8Array {\n  const [image, sharing] = ["", ""]\n',
    test: 'test/unit/node/proofs.test.ts',
    only: 'opens for its image'
  },
  {
    name: 'learnt-unverified',
    bug: 'a record that a slave gives is taken unverified',
    file: 'node/master/learn-records.ts',
    find: 'await takeRecords([ports.beside.seal.open(sealed, of)], ports)',
    put: 'takeRecords satisfies unknown\n    await ports.records.put(ports.beside.seal.open(sealed, of))',
    test: 'test/network/node/rebuild-index.test.ts',
    only: 'lying master sealed'
  },
  {
    name: 'learnt-unasked',
    bug: 'a slave may give records that were not asked for',
    file: 'node/master/learn-records.ts',
    find: 'if (next === 0) throw notAsked(slave, ports)',
    put: 'notAsked satisfies unknown',
    test: 'test/network/node/rebuild-index.test.ts',
    only: 'altered bytes'
  },
  {
    name: 'learnt-over-deletion',
    bug: 'a record that lies beside a shadow wins over the deletion of its image',
    file: 'indexing/supersedes.ts',
    find: 'return one.stored === undefined\n',
    put: 'return one.stored !== undefined\n',
    test: 'test/network/node/rebuild-index.test.ts',
    only: 'stays deleted'
  },
  {
    name: 'rebuild-hides-missing',
    bug: 'an image without a record is not told of',
    file: 'node/master/rebuild-index.ts',
    find: "const reason = record === undefined ? 'SHADOW_MISSING' : failed.get(image)",
    put: 'const reason = record === undefined || failed.size > 0 ? undefined : failed.get(image)',
    test: 'test/network/node/rebuild-index.test.ts',
    only: 'no record'
  },
  {
    name: 'note-unverified',
    bug: "a slave's note is not verified by the master that counts it",
    file: 'node/master/records-beside.ts',
    find: 'if (isNote({ image, sharing, digest, slave, signature: note }, signer)) return note',
    put: 'if (isNote !== undefined && signer !== undefined && digest !== "") return note',
    test: 'test/network/node/master-faults.test.ts',
    only: 'signs for no record',
    failsWith: 'Error'
  },
  {
    name: 'notes-unverified-by-owner',
    bug: 'an owner counts notes without looking at their signatures',
    file: 'node/proofs/count-kept.ts',
    find: 'note.slave === slave && isNote({ ...of, ...note }, signer)',
    put: 'note.slave === slave && isNote !== undefined && signer !== undefined && of.digest !== ""',
    test: 'test/unit/node/proofs.test.ts',
    only: 'notes count of different holders'
  },
  {
    name: 'min-sites-ignored',
    bug: 'an image may lie on fewer sites than the policy asks for',
    file: 'node/placement/place-image.ts',
    find: 'if (holders !== undefined && sitesOf(holders, peers) >= policy.minSites) {',
    put: 'if (holders !== undefined) {',
    test: 'test/network/node/master-checks.test.ts',
    only: 'one site'
  },
  {
    name: 'wrong-digest-held',
    bug: 'a shadow of another digest counts as held',
    file: 'node/master/judge-shadow.ts',
    find: 'holder.number === entry.number && holder.digest === entry.digest',
    put: 'holder.number === entry.number',
    test: 'test/network/node/master-checks.test.ts',
    only: 'notes as lost'
  },
  {
    name: 'losses-unnoted',
    bug: 'shadows that are missing are not noted as lost',
    file: 'node/master/reconcile-shadows.ts',
    find: 'losses.noteListed(slave, placement.sharing, job.whole.has(placement.sharing))',
    put: 'if (job.whole.has(placement.sharing)) losses.clear(slave, placement.sharing)',
    test: 'test/network/node/master-checks.test.ts',
    only: 'notes as lost'
  },
  {
    name: 'record-tie',
    bug: 'two records of one origin: the first heard stays',
    file: 'indexing/supersedes.ts',
    find: 'return isLater(mine, held) || (!isLater(held, mine) && compare(a.encoded, b.encoded) > 0)',
    put: 'return isLater(mine, held)',
    test: 'test/unit/indexing/supersedes.test.ts'
  },
  {
    name: 'tombstone-tie',
    bug: 'two tombstones of one time: the first heard stays',
    file: 'indexing/supersedes.ts',
    find: 'return asked !== was ? asked < was : compare(a.encoded, b.encoded) < 0',
    put: 'return asked < was',
    test: 'test/unit/indexing/supersedes.test.ts'
  },
  {
    name: 'deletion-loses',
    bug: 'a record wins over the deletion of its image',
    file: 'indexing/supersedes.ts',
    find: 'return one.stored === undefined\n',
    put: 'return one.stored !== undefined\n',
    test: 'test/unit/indexing/supersedes.test.ts'
  }
]
