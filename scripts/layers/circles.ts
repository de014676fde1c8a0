import type { Import } from './imports.ts'
import type { Grants } from './layers.ts'

/** The first circle of files that import each other, types too, its first file named twice; undefined when there is none. */
export function findCircle(edges: readonly Import[]): string[] | undefined {
  const graph = new Map<string, string[]>()
  for (const { file, target } of edges) graph.set(file, [...(graph.get(file) ?? []), target])
  return circleIn(graph)
}

/** The first circle of granted arrows. A grant of a room is one of all its floors. */
export function grantsInCircle(grants: Grants): string[] | undefined {
  const folders = Object.keys(grants)
  const graph = folders.map(folder => {
    const granted = grants[folder].flatMap(grant =>
      folders.filter(each => each !== folder && (each === grant || each.startsWith(`${grant}/`)))
    )
    return [folder, granted] as const
  })
  return circleIn(new Map(graph))
}

function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (at: string): string[] | undefined => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at]
    if (done.has(at)) return undefined
    path.push(at)
    for (const next of graph.get(at) ?? []) {
      const circle = visit(next)
      if (circle !== undefined) return circle
    }
    path.pop()
    done.add(at)
    return undefined
  }
  for (const at of graph.keys()) {
    const circle = visit(at)
    if (circle !== undefined) return circle
  }
  return undefined
}
