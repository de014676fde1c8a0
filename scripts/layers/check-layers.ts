import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sourceFiles } from '../sources/sources.ts'
import { circles, graphOf } from './circles.ts'
import { type Import, readImports } from './imports.ts'
import { isIn, type Layers, readLayers } from './layers.ts'

/**
 * Every breach of a project's `layers.json`. A file belongs to the deepest folder named there that it lies in; it may
 * import what lies in its own folder and what its folder's line grants: a room with all its floors, or a single floor.
 * A folder with a door is entered from outside through that file only. Also refused: circles of files, of floors and of
 * rooms, grants that nobody uses, folders without a line or without files, a room's own index.ts, files that are not there.
 */
export async function checkLayers(root: string): Promise<string[]> {
  const layers = readLayers(root)
  const imports = await readImports(root)
  const files = sourceFiles(root)
  const missing = imports.filter(({ target }) => !isThere(root, target))
  return [
    ...files.filter(file => layers.homeOf(file) === undefined).map(file => `${file}: lies in no folder of layers.json`),
    ...missing.map(({ file, target }) => `${file}: imports ${target}, which is not there`),
    ...imports.flatMap(each => breaches(layers, each)),
    ...idleLines(layers, imports, files),
    ...circles(grantGraph(layers)).map(circle => `layers.json: circle of ${circle.join(', ')}`),
    ...circles(roomGraph(layers)).map(circle => `layers.json: circle of the rooms ${circle.join(', ')}`),
    ...circles(graphOf(imports.map(({ file, target }) => [file, target]))).map(
      circle => `files import each other in a circle: ${circle.join(', ')}`
    )
  ]
}

function breaches({ grants, doors, homeOf }: Layers, { file, target }: Import): string[] {
  const [home, there] = [homeOf(file), homeOf(target)]
  const faults: string[] = []
  if (target === `${file.split('/')[0]}/index.ts`) faults.push(`${file}: imports its own room's index.ts`)
  if (home === undefined) return faults
  if (there === undefined) return [...faults, `${file}: imports ${target}, which lies in no folder of layers.json`]
  for (const [folder, door] of Object.entries(doors)) {
    if (isIn(there, folder) && !isIn(home, folder) && target !== `${folder}/${door}`) {
      faults.push(`${file}: ${folder} is entered through ${door} only (${target})`)
    }
  }
  if (home !== there && !grants[home].some(grant => isIn(there, grant))) {
    faults.push(`${file}: ${home} may not import ${there} (${target})`)
  }
  return faults
}

function idleLines({ grants, homeOf }: Layers, imports: readonly Import[], files: readonly string[]): string[] {
  const used = new Set<string>()
  for (const { file, target } of imports) {
    const [home = '', there = ''] = [homeOf(file), homeOf(target)]
    const closest = grants[home]?.filter(grant => isIn(there, grant)).sort((a, b) => b.length - a.length)[0]
    if (home !== there) used.add(`${home} ${closest}`)
  }
  return Object.entries(grants).flatMap(([folder, granted]) => {
    if (!files.some(file => homeOf(file) === folder)) return [`layers.json: ${folder} has no files of its own`]
    return granted
      .filter(grant => !used.has(`${folder} ${grant}`))
      .map(grant => `layers.json: ${folder} is granted ${grant}, which it does not import`)
  })
}

/** Which floor may import which: a grant of a room is one of all its floors. */
function grantGraph({ grants }: Layers): Map<string, Set<string>> {
  const folders = Object.keys(grants)
  return graphOf(
    folders.flatMap(folder =>
      grants[folder]
        .flatMap(grant => folders.filter(each => each !== folder && isIn(each, grant)))
        .map(granted => [folder, granted] as const)
    )
  )
}

function roomGraph({ grants }: Layers): Map<string, Set<string>> {
  const pairs = Object.entries(grants).flatMap(([folder, granted]) =>
    granted.map(grant => [folder.split('/')[0], grant.split('/')[0]] as const)
  )
  return graphOf(pairs.filter(([from, to]) => from !== to))
}

/** Whether a target exists: as it stands, built from AssemblyScript, or as the beginning of a name that a template ends. */
function isThere(root: string, target: string): boolean {
  if (existsSync(join(root, target)) || existsSync(join(root, target.replace(/\.wasm$/, '.as.ts')))) return true
  return globSync('*', { cwd: join(root, dirname(target)) }).some(name =>
    join(dirname(target), name).startsWith(target)
  )
}
