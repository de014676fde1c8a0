// Checks that imports between rooms go only along the arrows of layers.json, that the arrows have no circle, and that
// no room imports its own index.ts. Prints every import that breaks a rule.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const root = join(import.meta.dirname, '..')
const layers: Record<string, string[]> = JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8'))
const faults: string[] = []

const visit = (room: string, path: string[]): void => {
  if (path.includes(room)) {
    faults.push(`layers.json: circle ${[...path, room].join(' -> ')}`)
    return
  }
  for (const below of layers[room] ?? []) visit(below, [...path, room])
}
for (const room of Object.keys(layers)) visit(room, [])

const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^']+)'|new URL\('(\.[^']+)', import\.meta\.url\)/g
for (const file of globSync(`{${Object.keys(layers).join(',')}}/**/*.ts`, { cwd: root })) {
  if (file.endsWith('.as.ts')) continue
  const room = file.split('/')[0]
  for (const match of readFileSync(join(root, file), 'utf8').matchAll(IMPORT)) {
    const target = normalize(join(dirname(file), match[1] ?? match[2]))
    const targetRoom = target.split('/')[0]
    if (targetRoom === room) {
      if (target === `${room}/index.ts`) faults.push(`${file}: imports its own room's index.ts`)
    } else if (!layers[room].includes(targetRoom))
      faults.push(`${file}: ${room} may not import ${targetRoom} (${target})`)
  }
}

for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exit(1)
