import { type Random, shuffled } from '../../base/random.ts'

/**
 * The order in which the images of one epoch are shown. With `balance` 0 every image once; with 1 every class equally
 * often (images of small classes several times, of large ones not all); in between the class shares are n^(1-balance).
 * Within a class no image comes twice before all came once.
 */
export function epochOrder(labels: Int32Array, { balance, random }: { balance: number; random: Random }): Int32Array {
  const byClass = new Map<number, number[]>()
  for (const [at, label] of labels.entries()) {
    const members = byClass.get(label)
    if (members === undefined) byClass.set(label, [at])
    else members.push(at)
  }
  const classes = [...byClass.keys()].sort((a, b) => a - b).map(label => byClass.get(label) ?? [])
  const weights = classes.map(members => members.length ** (1 - balance))
  const whole = weights.reduce((total, weight) => total + weight, 0)
  const picked = classes.flatMap((members, at) => {
    const count = Math.max(1, Math.round((labels.length * weights[at]) / whole))
    const decks: number[] = []
    while (decks.length < count) decks.push(...shuffled(random, members))
    return decks.slice(0, count)
  })
  return Int32Array.from(shuffled(random, picked))
}
