import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const SOAK = { test: 'test/sim/soak-finds.test.ts' }

/** Bugs of roles that show in random histories: loss after the acknowledgement, what is never found, what is left behind. */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'soak-empty-search',
    bug: 'every search is empty',
    file: 'node/master/search-index.ts',
    find: 'return { results, stored: records.size }',
    put: 'return { results: results.slice(0, 0), stored: records.size }',
    ...SOAK
  },
  {
    name: 'soak-search-forgets',
    bug: 'one image in eight is found by no search',
    file: 'node/master/search-index.ts',
    find: 'if (claim !== undefined) results',
    put: 'if (claim !== undefined && !/^[01]/.test(claim.id)) results',
    ...SOAK
  },
  {
    name: 'soak-deletion-loses',
    bug: 'a record wins over the deletion of its image',
    file: 'indexing/supersedes.ts',
    find: 'return one.stored === undefined\n',
    put: 'return one.stored !== undefined\n',
    ...SOAK
  },
  {
    name: 'soak-one-master',
    bug: 'a record counts as kept though no other master has it',
    file: 'node/replication/replicate.ts',
    find: 'if (kept.length >= need) resolve()',
    put: 'if (kept.length >= 0) resolve()',
    ...SOAK
  },
  {
    name: 'soak-no-catch-up',
    bug: 'a master that was away is never caught up',
    file: 'node/replication/catch-up.ts',
    find: '    const work = this.#catchUp(master)\n',
    put: '    const work = Promise.resolve()\n',
    ...SOAK
  },
  {
    name: 'soak-read-drops',
    bug: 'a slave drops a shadow once it was read',
    file: 'node/slave/slave.ts',
    find: 'vitals.counted(async key => this.#store() && { shadow: await this.#sound.get(key) })',
    put:
      'vitals.counted(async key => {\n        const shadow = await this.#sound.get(key)\n' +
      "        await this.#store().drop(key, { reason: 'aborted', time: 0 })\n        return { shadow }\n      })",
    ...SOAK
  },
  {
    name: 'soak-early-receipt',
    bug: 'a slave signs for a shadow before it is on its disk',
    file: 'node/slave/slave.ts',
    find: 'await this.#store().put(key, shadow, { ...origin, putAt: this.#now() })\n',
    put: 'void this.#store().put(key, shadow, { ...origin, putAt: this.#now() })\n',
    ...SOAK
  },
  {
    name: 'soak-deleted-stay',
    bug: 'shadows of deleted images are left',
    file: 'node/master/judge-shadow.ts',
    find: "return { is: 'deleted', proof: [encodeDeletion(deletion)] }",
    put: "return { is: encodeDeletion(deletion).length > 0 ? 'unknown' : 'left' }",
    ...SOAK
  }
]
