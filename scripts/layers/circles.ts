/** What each node points at. */
export type Graph = ReadonlyMap<string, Iterable<string>>

/** A graph of the pairs given. */
export function graphOf(pairs: Iterable<readonly [string, string]>): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>()
  for (const [from, to] of pairs) graph.set(from, (graph.get(from) ?? new Set()).add(to))
  return graph
}

/** All that can be reached from a node; the node itself only when it lies in a circle. */
export function reachable(graph: Graph, from: string): Set<string> {
  const seen = new Set<string>()
  const open = [...(graph.get(from) ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    open.push(...(graph.get(next) ?? []))
  }
  return seen
}

/** Every group of nodes that reach each other (strongly connected), each sorted; a node that points at itself is one. */
export function circles(graph: Graph): string[][] {
  const reach = new Map([...graph.keys()].map(node => [node, reachable(graph, node)]))
  const groups = new Map<string, string[]>()
  for (const node of [...graph.keys()].sort()) {
    const group = [...(reach.get(node) ?? [])].filter(other => reach.get(other)?.has(node)).sort()
    if (group.length > 0) groups.set(group[0], group)
  }
  return [...groups.values()]
}
