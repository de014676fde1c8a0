// Checks that imports go only along the arrows of layers.json. A file belongs to the deepest folder named there that it
// lies in; it may import what lies in its own folder, and what its folder's line grants: a room with all its floors, or a
// single floor. A folder with a door is entered from outside through that file only. Also refused: circles of files,
// arrows in a circle, grants that nobody uses, a room's own index.ts. Prints every place that breaks a rule.
import { findCircle, grantsInCircle } from './layers/circles.ts'
import { readImports } from './layers/imports.ts'
import { readLayers } from './layers/layers.ts'

const { grants, doors, homeOf } = readLayers()
const faults: string[] = []
const used = new Set<string>()
const edges = readImports()

for (const { file, target } of edges) {
  const [home, there] = [homeOf(file), homeOf(target)]
  if (home === undefined) {
    faults.push(`${file}: lies in no folder of layers.json`)
    continue
  }
  const room = file.split('/')[0]
  if (target === `${room}/index.ts`) faults.push(`${file}: imports its own room's index.ts`)
  if (there === undefined) {
    faults.push(`${file}: imports ${target}, which lies in no folder of layers.json`)
    continue
  }
  const door = doors[there]
  if (door !== undefined && !home.startsWith(there) && target !== `${there}/${door}`) {
    faults.push(`${file}: ${there} is entered through ${door} only (${target})`)
  }
  if (home === there) continue
  const granted = grants[home].find(grant => there === grant || there.startsWith(`${grant}/`))
  if (granted === undefined) faults.push(`${file}: ${home} may not import ${there} (${target})`)
  else used.add(`${home} ${granted}`)
}

for (const [home, list] of Object.entries(grants)) {
  for (const grant of list) {
    if (!used.has(`${home} ${grant}`)) faults.push(`layers.json: ${home} is granted ${grant}, which it does not import`)
  }
}
const folders = grantsInCircle(grants)
if (folders !== undefined) faults.push(`layers.json: circle ${folders.join(' -> ')}`)
const files = findCircle(edges)
if (files !== undefined) faults.push(`files import each other in a circle: ${files.join(' -> ')}`)

for (const fault of faults) console.error(fault)
if (edges.length === 0) console.error('no imports were read')
if (faults.length > 0 || edges.length === 0) process.exit(1)
