import { bug } from '../../scripts/plant/bug.ts'
import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const TEST = 'test/network/node/audit.test.ts'
const SCRUB = 'test/unit/node/scrub.test.ts'
const MERKLE = 'test/unit/base/merkle-tree.test.ts'
const HOLDER = 'node/placement/audit-holder.ts'
const AUDITOR = 'node/master/auditor.ts'

/** What would make audits and scrubbing worthless. */
export const PLANTED: readonly PlantedBug[] = [
  bug(
    'audit-path-unchecked',
    'the path of a leaf is not checked',
    [
      HOLDER,
      'leaves.every((leaf, at) => isMerkleLeaf(',
      'leaves.every((leaf, at) => leaf !== undefined || isMerkleLeaf('
    ],
    [TEST, 'altered leaves']
  ),
  bug(
    'audit-any-leaf',
    'any leaf of the shadow will do',
    [HOLDER, 'index: wanted[at] })', 'index: wanted[0] })'],
    [TEST, 'another leaf']
  ),
  bug(
    'audit-leaves-foreseen',
    'the same leaves are asked for each time',
    [HOLDER, 'drawn.add(randomBelow(random, count))', 'drawn.add(drawn.size)'],
    [TEST, 'draws the leaves anew']
  ),
  bug(
    'audit-silence-is-loss',
    'a slave that does not answer counts as one that lost its shadow',
    [HOLDER, "if (finding === 'silent') return // silence is no failure\n", 'finding satisfies Finding\n'],
    [TEST, 'silence is no failure']
  ),
  bug(
    'audit-notes-nothing',
    'a failed audit is forgotten',
    [HOLDER, '  losses.note(slave, sharing)\n', ''],
    [TEST, 'altered leaves']
  ),
  bug(
    'audit-list-clears',
    'a slave only has to list what it could not show',
    [
      'node/placement/loss-ledger.ts',
      'else if (!wasAsked) this.clear(slave, sharing)',
      'else this.clear(slave, sharing)'
    ],
    [TEST, 'altered leaves']
  ),
  bug(
    'audit-suspects-only',
    'only slaves that failed lately are audited',
    [AUDITOR, 'isExtra: turn > 0', 'isExtra: turn >= 0'],
    [TEST, 'once in a period']
  ),
  bug(
    'audit-by-the-dead',
    'a master that is gone is still drawn',
    [AUDITOR, "peers.alive('master')", "peers.known('master')"],
    [TEST, 'once in a period']
  ),
  bug(
    'audit-by-all',
    'every master audits every image',
    [AUDITOR, '[0] === network.self', '.includes(network.self)'],
    [TEST, 'once in a period']
  ),
  bug(
    'verify-notes-nothing',
    'what verify finds does not count in status',
    [
      'node/master/verify-images.ts',
      'if (job.deep) await noteFinding(',
      'if (finding === undefined) await noteFinding('
    ],
    [TEST, 'altered leaves']
  ),
  bug(
    'merkle-short-path',
    'a path may end below the root',
    ['base/merkle-tree.ts', 'return last === 0 && Buffer', 'return Buffer'],
    [MERKLE, 'proven by its path']
  ),
  bug(
    'merkle-leaf-is-node',
    'leaves are hashed as nodes are',
    ['base/merkle-tree.ts', 'const LEAF = 0x00', 'const LEAF = 0x01'],
    [MERKLE, 'that RFC 6962 defines']
  ),
  bug(
    'scrub-skips',
    'every second shadow is left out',
    [
      'node/slave/scrubber.ts',
      '[next] = await shadows.list({ after: this.#last, limit: 1 })',
      '[, next] = await shadows.list({ after: this.#last, limit: 2 })'
    ],
    [SCRUB, 'every one of 40']
  ),
  bug(
    'scrub-lists-damaged',
    'what was found damaged is still listed as whole',
    ['node/slave/sound-shadows.ts', 'this.#damaged.add(nameOf(key))', 'nameOf(key)'],
    [SCRUB, 'without its digest']
  )
]
