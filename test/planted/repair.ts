import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

const REPAIR = 'test/network/node/repair.test.ts'
const RACES = 'test/network/node/repair-races.test.ts'
const ROGUE = 'test/hostile/rogue-cosign.test.ts'

/** What keeps a repair from doing harm, one check taken out at a time. */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'repair-unread-cosign',
    bug: 'a second master signs without rebuilding',
    file: 'node/repair/second-record.ts',
    find: '  await rebuildFromAll(stored, ports)\n',
    put: '',
    test: ROGUE,
    only: 'shadows of other bytes'
  },
  {
    name: 'repair-cosign-first-r',
    bug: 'a second master looks at r shadows only',
    file: 'node/repair/second-record.ts',
    find: 'from < shadows.length; from += threshold',
    put: 'from < 1; from += threshold',
    test: ROGUE,
    only: 'two good shadows'
  },
  {
    name: 'repair-counter-two',
    bug: 'a counter may be raised by two',
    file: 'node/repair/second-record.ts',
    find: 'stored.version.counter !== held.version.counter + 1',
    put: 'stored.version.counter <= held.version.counter',
    test: ROGUE,
    only: 'raised by two'
  },
  {
    name: 'repair-drops-first',
    bug: 'the old sharing is dropped before the new record is kept',
    file: 'node/repair/reshare-image.ts',
    find: '  const kept = await commit(record,',
    put: '  await dropOld(stored, record, ports)\n  const kept = await commit(record,',
    test: RACES,
    only: 'no old shadow goes'
  },
  {
    name: 'repair-one-beat',
    bug: 'a slave is lost with one missed beat',
    file: 'node/repair/slave-losses.ts',
    find: '    if (asked.length === 0) return\n    for (const slave of await this.#confirmed(asked)) {',
    put: "    for (const { member, standing } of peers.known('slave')) {\n      if (standing === 'alive') continue\n      const slave = member.peer",
    test: REPAIR,
    only: 'one missed beat'
  },
  {
    name: 'repair-no-grace',
    bug: 'a slave is lost as soon as it is dead',
    file: 'node/peers/peer-state.ts',
    find: "return this.standing === 'alive' ? 0 : this.#clock.monotonic() - this.#heardAt",
    put: "return this.standing === 'alive' ? 0 : Number.MAX_SAFE_INTEGER",
    test: REPAIR,
    only: 'half the grace'
  },
  {
    name: 'repair-one-view',
    bug: 'no second master is believed that a slave lives',
    file: 'node/repair/slave-losses.ts',
    find: 'heard.some(silentMs => silentMs[at] >= leastMs)',
    put: 'heard.some(silentMs => silentMs[at] >= 0 * leastMs)',
    test: RACES,
    only: 'keeps its shadows'
  },
  {
    name: 'repair-no-owner',
    bug: 'every master repairs every image',
    file: 'node/repair/repairer.ts',
    find: 'now - since >= rank * this.#policy.takeOverMs',
    put: 'now - since >= 0 * rank',
    test: RACES,
    only: 'the owner of the repair alone'
  },
  {
    name: 'repair-lost-again',
    bug: 'a slave that lost a shadow of an image is given the next one',
    file: 'node/repair/reshare-image.ts',
    find: 'except: new Set(lossy)',
    put: 'except: new Set()',
    test: RACES,
    only: 'of 4 slaves'
  },
  {
    name: 'repair-dead-chosen',
    bug: 'a silent slave is chosen for new shadows',
    file: 'node/placement/choose-slaves.ts',
    find: "    .alive('slave')",
    put: "    .known('slave')",
    test: RACES,
    only: 'none that is silent'
  },
  {
    name: 'repair-drained-chosen',
    bug: 'a slave that leaves is chosen for new shadows',
    file: 'node/placement/choose-slaves.ts',
    find: ' && vitals?.leaving !== true',
    put: '',
    test: RACES,
    only: 'none that is silent'
  },
  {
    name: 'repair-drained-takes',
    bug: 'a slave that leaves takes new shadows',
    file: 'node/slave/slave.ts',
    find: 'if (await this.#isLeaving()) throw',
    put: 'if ((await this.#isLeaving()) && shadow.length === 0) throw',
    test: REPAIR,
    only: 'has not heard of it yet'
  },
  {
    name: 'repair-leaves-half',
    bug: 'what a repair that was killed had put stays',
    file: 'node/master/judge-shadow.ts',
    find: "return judgeAbandoned(entry, ports) ?? { is: 'left' }",
    put: "return { is: 'left' }",
    test: RACES,
    only: 'killed over a repair'
  }
]
