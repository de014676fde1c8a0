import type { PlantedBug } from '../../scripts/plant/planted-bug.ts'

/** How models are trained, attacked and judged. */
export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'weakest-restart',
    bug: 'the weakest restart of an attack is kept',
    file: 'models/attack/attack-batch.ts',
    find: 'if (score <= this.#scores[at]) return',
    put: 'if (score >= this.#scores[at] && this.#scores[at] !== Number.NEGATIVE_INFINITY) return',
    test: 'test/unit/models/attack.test.ts',
    only: 'pgd, '
  },
  {
    name: 'last-restart',
    bug: 'the last restart of an attack is kept',
    file: 'models/attack/attack-batch.ts',
    find: 'if (score <= this.#scores[at]) return',
    put: 'if (Number.isNaN(score)) return',
    test: 'test/unit/models/attack.test.ts',
    only: 'pgd, '
  },
  {
    name: 'query-finds-itself',
    bug: 'leave-one-out leaves no query out',
    file: 'models/evaluate/measure-retrieval.ts',
    find: 'except: init.leaveOneOut === true ? at : undefined',
    put: 'except: undefined',
    test: 'test/unit/models/average-precision.test.ts',
    only: 'leave-one-out'
  },
  {
    name: 'another-left-out',
    bug: 'leave-one-out leaves another image out than the query',
    file: 'models/evaluate/measure-retrieval.ts',
    find: 'except: init.leaveOneOut === true ? at : undefined',
    put: 'except: init.leaveOneOut === true ? at + 1 : undefined',
    test: 'test/unit/models/average-precision.test.ts',
    only: 'leave-one-out'
  },
  {
    name: 'attack-beyond-epsilon',
    bug: 'an attack leaves its epsilon ball',
    file: 'models/attack/attack-batch.ts',
    find: 'return unit(Math.min(this.original[i] + epsilon, Math.max(this.original[i] - epsilon, value)))',
    put: 'return unit(Math.min(this.original[i] + 2 * epsilon, Math.max(this.original[i] - 2 * epsilon, value)))',
    test: 'test/unit/models/train.test.ts',
    only: 'attacked images stay within epsilon'
  }
]
