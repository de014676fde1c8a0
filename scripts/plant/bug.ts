import type { PlantedBug } from './planted-bug.ts'

/** A bug by its name: [file, text that is there, text that is put there], and [test file, words of the test]. */
export function bug(
  name: string,
  what: string,
  [file, find, put]: readonly [string, string, string],
  [test, only]: readonly [string, string]
): PlantedBug {
  return { name, bug: what, file, find, put, test, only }
}
