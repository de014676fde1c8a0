import { bug } from '../../scripts/plant/bug.ts'
import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const MASTER = 'test/hostile/rogue-master.test.ts'
const LIAR = 'test/hostile/lying-master.test.ts'
const OWNER = 'test/hostile/rogue-owner.test.ts'
const FAULTS = 'test/network/node/master-faults.test.ts'
const INPUT = 'test/network/node/bad-input.test.ts'
const PULL = 'test/unit/node/pull-changes.test.ts'
const SUPERSEDES = 'test/unit/indexing/supersedes.test.ts'
const VERIFY = 'node/proofs/verify-record.ts'
const KEPT = 'node/proofs/count-kept.ts'
const CLAIMS = 'node/proofs/verified-claims.ts'
const MERGE = 'node/client/merge-answers.ts'
const CHANGES = 'node/replication/pull-changes.ts'
const STORE = 'node/master/store-image.ts'
const DELETE = 'node/master/delete-image.ts'
const QUOTA = 'node/master/owner-quota.ts'

/** What masters, owners and users check of records and of each other, one check taken out at a time. */
export const PLANTED: readonly PlantedBug[] = [
  bug(
    'record-any-signer',
    'any member may sign records',
    [VERIFY, "  checkRole(version.master, 'master', ports)\n", ''],
    [MASTER, 'signed by a slave']
  ),
  bug(
    'record-any-owner',
    'whoever signs a claim may own the image',
    [VERIFY, "  checkRole(claim.owner, 'owner', ports)\n", ''],
    [MASTER, 'an owner whom no roster has']
  ),
  bug(
    'record-claim-unsigned',
    "an owner's claim is not verified",
    [VERIFY, '  verifyClaim(claim, ports.signer)\n', ''],
    [MASTER, 'a claim the owner did not sign']
  ),
  bug(
    'record-master-unsigned',
    "a master's signature is not verified",
    [
      VERIFY,
      'if (!ports.signer.verify(version.master, signedBytes(encoded), masterSignature)) {',
      'if (encoded.length === 0) {'
    ],
    [MASTER, 'its own signature missing']
  ),
  bug(
    'record-no-receipts',
    'receipts are not verified',
    [VERIFY, '  verifyReceipts(stored, ports)\n}', '}'],
    [MASTER, 'receipts that nobody signed']
  ),
  bug(
    'record-any-slave',
    'whoever signs may hold a shadow',
    [VERIFY, "    checkRole(slave, 'slave', ports)\n", ''],
    [MASTER, 'receipts by itself as a slave']
  ),
  bug(
    'record-any-counter',
    'a counter above 1 takes no second master',
    [VERIFY, '  if (version.counter > 1) second(stored, ports)\n', ''],
    [MASTER, 'slaves in league']
  ),
  bug(
    'record-seconds-itself',
    'a master seconds itself',
    [VERIFY, 'if (cosign.master === version.master)', 'if (cosign.master === stored.claim.owner)'],
    [MASTER, 'seconded by itself']
  ),
  bug(
    'record-any-second',
    'the second master signs nothing',
    [
      VERIFY,
      'if (signer.verify(cosign.master, cosignBytes(stored, cosign.master), cosign.signature)) return',
      'if (cosignBytes(stored, cosign.master).length > 0) return'
    ],
    [MASTER, "in another master's name"]
  ),
  bug(
    'record-tombstone-unsigned',
    'a tombstone needs no signature',
    [VERIFY, '  if (deletion !== undefined) verifyDeletion(deletion, ports.signer)\n', ''],
    [MASTER, 'tombstones without']
  ),
  bug(
    'record-version-1',
    'records of version 1 are taken',
    [VERIFY, "  if (format === 1) throw new NetError('PROOF_INVALID', 'a record of version 1 proves nothing')\n", ''],
    [MASTER, 'tombstones without']
  ),
  bug(
    'deletion-unsigned',
    "a deletion's signature is not verified",
    [DELETE, '  verifyDeletion(deletion, signer)\n', ''],
    [OWNER, 'altered signature, even by the owner']
  ),
  bug(
    'deletion-by-any-owner',
    'whoever asks may delete',
    [DELETE, 'deletion.owner !== owner.peer', 'deletion.owner === undefined'],
    [OWNER, "another's image is not deleted"]
  ),
  bug(
    'claim-for-any-master',
    'a claim for another master is taken',
    [STORE, 'claim.master !== signer.self', 'claim.master === undefined'],
    [OWNER, 'a claim for one master']
  ),
  bug(
    'claim-by-any-owner',
    'a claim of another owner than the caller is taken',
    [STORE, 'claim.owner !== owner.peer', 'claim.owner === undefined'],
    [OWNER, "another's claim"]
  ),
  bug(
    'view-not-compared',
    'a code of another view is taken',
    [STORE, ' || claim.space.view !== space.view', ''],
    [INPUT, 'codes of another model']
  ),
  bug(
    'one-slave-short',
    'a store stands on one master though a slave did not sign for the record',
    ['node/master/keep-record.ts', 'notes.length === total', 'notes.length >= total - 1'],
    [FAULTS, 'signs for no record']
  ),
  bug(
    'receipt-unread',
    "a master does not look at a slave's receipt",
    [
      'node/placement/slave-calls.ts',
      'if (isReceiptOf(slave, { ...put, bytes: shadow.length, signature: receipt }, signer)) return receipt',
      'if (receipt.length > 0) return receipt'
    ],
    ['test/network/node/slave-faults.test.ts', 'signs for nothing']
  ),
  bug(
    'push-not-kept',
    'a master that signs for nothing counts as one that keeps',
    [
      'node/replication/replicate.ts',
      'if (isKept(kept, this.#ports.signer)) return',
      'if (kept.signature.length > 0) return'
    ],
    [FAULTS, 'signs for nothing']
  ),
  bug(
    'kept-by-anyone',
    'whoever signs counts as a master that keeps',
    [KEPT, " || !roster.member(master)?.roles.includes('master')", ''],
    [LIAR, 'a slave keeps it']
  ),
  bug(
    'kept-unsigned',
    "a master's word is not verified",
    [
      KEPT,
      'if (isKept({ digest, master, signature }, signer)) masters.add(master)',
      'if (signature.length > 0) masters.add(master)'
    ],
    [LIAR, "another master's word"]
  ),
  bug(
    'kept-by-one',
    'one master is enough',
    [KEPT, 'const COPIES = 2', 'const COPIES = 1'],
    [LIAR, 'no other master keeps it']
  ),
  bug(
    'stored-unverified',
    'an owner believes the record',
    ['node/client/prove-stored.ts', '    verifyRecord(record, ports)\n', ''],
    [LIAR, 'receipts that no slave signed']
  ),
  bug(
    'told-claim-unsigned',
    'a user believes claims',
    [CLAIMS, '      verifyClaim(claim, this.#ports.signer)\n', ''],
    [LIAR, 'another code']
  ),
  bug(
    'told-any-owner',
    'a user believes owners whom no roster has',
    [CLAIMS, "this.#ports.roster.member(claim.owner)?.roles.includes('owner') ? claim : undefined", 'claim'],
    [LIAR, 'an owner whom no roster has']
  ),
  bug(
    'told-distance',
    'a user believes distances',
    [MERGE, 'good.set(claim.id, { claim, distance })', 'good.set(claim.id, { claim, distance: said })'],
    [LIAR, 'another distance']
  ),
  bug(
    'told-distance-uncounted',
    'a false distance is not counted',
    [MERGE, '    if (distance !== said) wrong++\n', ''],
    [LIAR, 'another distance']
  ),
  bug(
    'withheld-uncounted',
    'a withheld image is not counted',
    [MERGE, 'withheld: due.length', 'withheld: 0'],
    [LIAR, 'an image withheld']
  ),
  bug(
    'pull-restarts',
    'a master may count anew for ever',
    [CHANGES, "      spend(left, 'restarts') // it lost its disk and counts anew\n", ''],
    [PULL, 'counts anew for ever']
  ),
  bug(
    'pull-standstill',
    'changes need not go on',
    [CHANGES, 'sequence <= reached || sequence > last', 'sequence > last'],
    [PULL, 'changes that do not go on']
  ),
  bug(
    'pull-short-pages',
    'a master may give one change a page for ever',
    [CHANGES, "spend(left, 'shortPages')", 'left.shortPages = 0'],
    [PULL, 'one change a page']
  ),
  bug(
    'pull-refused',
    'a master may give records for ever that nobody takes',
    [
      CHANGES,
      "spend(left, 'refused', await ports.take(page.records.map(({ record }) => record)))",
      'await ports.take(page.records.map(({ record }) => record))'
    ],
    [PULL, 'of which nothing can be taken']
  ),
  bug(
    'pull-moving-goal',
    'a catch-up follows a master that goes on and on',
    [CHANGES, 'goal ??= page.last', 'goal = page.last'],
    [PULL, 'and no further']
  ),
  bug(
    'pull-new-disk',
    'a master with a new disk is never pulled',
    [CHANGES, '      after = 0\n', ''],
    [PULL, 'with a new disk']
  ),
  bug(
    'batch-unbounded',
    'a batch of records has no bound',
    ['node/replication/take-records.ts', '    if (bytes > MAX_RECORDS_BYTES) break\n', ''],
    [PULL, '500 of the largest']
  ),
  bug(
    'tombstones-of-one-time',
    'two tombstones of one time are as good as each other',
    ['indexing/supersedes.ts', 'asked !== was ? asked < was : compare(a.encoded, b.encoded) < 0', 'asked < was'],
    [SUPERSEDES, 'of one time']
  ),
  bug(
    'tombstone-later',
    'the later of two deletions wins',
    ['indexing/supersedes.ts', 'asked !== was ? asked < was', 'asked !== was ? asked > was'],
    [FAULTS, 'two deletions of one image']
  ),
  bug(
    'record-over-tombstone',
    'a record wins over a tombstone',
    ['indexing/supersedes.ts', 'return one.stored === undefined', 'return one.stored !== undefined'],
    [SUPERSEDES, 'a deletion wins']
  ),
  bug(
    'counter-first',
    'a higher counter wins over a later claim',
    ['indexing/proof.ts', 'if (a.asked !== b.asked) return a.asked > b.asked\n', ''],
    [SUPERSEDES, 'asked later wins']
  ),
  bug(
    'id-without-owner',
    "an image's id does not name its owner",
    [
      'base/bytes.ts',
      'ownedImageId(owner: PeerId, digest: string)',
      "ownedImageId(_: PeerId, digest: string, owner = '')"
    ],
    [OWNER, '200 hijacks']
  ),
  bug(
    'quota-one-more',
    'an owner gets one image more than its quota',
    [QUOTA, 'need <= quota', 'need <= quota + 1'],
    [OWNER, 'images: the one above']
  ),
  bug(
    'quota-at-once',
    'what is on its way does not count against a quota',
    [QUOTA, 'stored.images + coming.images + 1', 'stored.images + 1'],
    [OWNER, 'twelve stores at once']
  ),
  bug(
    'quota-never-back',
    'a deletion makes no room',
    ['indexing/owner-usage.ts', 'images: images - 1, bytes: bytes - size', 'images, bytes'],
    [OWNER, 'images: the one above']
  )
]
