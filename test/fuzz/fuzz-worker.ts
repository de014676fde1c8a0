// A thread of `npm run fuzz`: one door at a time.
import { answerJobs } from '../../base/thread.ts'
import { allDoors } from './doors/all.ts'
import { type DoorResult, keepInput, runDoor, shorten } from './engine/run-door.ts'

/** A door, and how long to stand before it. */
export interface DoorJob {
  readonly door: string
  readonly seed: string
  readonly cases: number
  readonly ms: number
}

/** What came of it; faults with the files that their inputs were kept in. */
export interface DoorReport extends Omit<DoorResult, 'faults'> {
  readonly faults: readonly { readonly what: string; readonly file: string }[]
}

const doors = allDoors() // once: to make them takes as long as thousands of cases

answerJobs(async ({ door: name, seed, cases, ms }: DoorJob): Promise<DoorReport> => {
  const door = (await doors).find(each => each.name === name)
  if (door === undefined) throw new RangeError(`no door is named ${name}`)
  const result = await runDoor(door, { seed, cases, until: performance.now() + ms })
  const faults: { what: string; file: string }[] = []
  for (const fault of result.faults)
    faults.push({ what: fault.what, file: keepInput(name, await shorten(door, fault)) })
  return { ...result, faults }
})
