import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PlantedBug } from './planted-bug.ts'

/**
 * The bugs in a project's `test/planted/`: every file exports a list `PLANTED`.
 * @throws Error for a file without one, two bugs of one name, a source or a test that is not there
 */
export async function readBugs(root: string): Promise<PlantedBug[]> {
  const bugs: PlantedBug[] = []
  for (const file of globSync('test/planted/*.ts', { cwd: root }).sort()) {
    const { PLANTED } = (await import(pathToFileURL(join(root, file)).href)) as { PLANTED?: readonly PlantedBug[] }
    if (PLANTED === undefined || PLANTED.length === 0) throw new Error(`${file} exports no list PLANTED`)
    bugs.push(...PLANTED)
  }
  const names = new Set<string>()
  for (const { name, file, test } of bugs) {
    if (names.has(name)) throw new Error(`two bugs are named ${name}`)
    names.add(name)
    for (const path of [file, test]) if (!existsSync(join(root, path))) throw new Error(`${name}: ${path} is not there`)
  }
  return bugs
}

/** Those of the bugs whose name or source contains one of the words; all for no word. @throws Error for a word that fits none */
export function chooseBugs(bugs: readonly PlantedBug[], words: readonly string[]): readonly PlantedBug[] {
  const fits = ({ name, file }: PlantedBug, word: string): boolean => name.includes(word) || file.includes(word)
  const idle = words.find(word => !bugs.some(bug => fits(bug, word)))
  if (idle !== undefined) throw new Error(`no planted bug fits ${idle}`)
  return words.length === 0 ? bugs : bugs.filter(bug => words.some(word => fits(bug, word)))
}
