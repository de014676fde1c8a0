import type { Theorem4Cell } from './cells.ts'

const FEWEST_EXPECTED = 5 // below this a count is too far from normal to be measured in standard deviations

/** How many standard deviations the failures of a cell are from what the exact value expects; undefined for rare ones. */
export function deviationOf({ trials, failures, exact }: Theorem4Cell): number | undefined {
  const expected = trials * exact
  if (Math.min(expected, trials - expected) < FEWEST_EXPECTED) return undefined
  return (failures - expected) / Math.sqrt(expected * (1 - exact))
}
