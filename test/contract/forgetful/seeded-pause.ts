import { type Random, randomBelow, randomBytes } from '../../../base/random.ts'

const LONG = 200 // turns: others come to their end meanwhile
const DEEPEST = 6 // a folder of shadows below the disk's top

/**
 * Lets others go first a random number of times before an operation of a disk, so that a seed decides in which order
 * concurrent work happens. Half the seeds have syncs at one depth of the tree that are slow.
 */
export function seededPause(random: Random): (syncDepth?: number) => Promise<void> {
  const turns = randomBytes(random, 1009) // gone through in a circle
  const slow = randomBelow(random, 2 * DEEPEST)
  let at = 0
  return async syncDepth => {
    at = (at + 1) % turns.length
    const isLong = turns[at] < 8 || (syncDepth === slow && turns[at] < 128)
    for (let left = isLong ? LONG : turns[at] & 3; left > 0; left--) await undefined
  }
}
