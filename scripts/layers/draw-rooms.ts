import { graphOf, reachable } from './circles.ts'
import { readImports } from './imports.ts'
import { isIn, readLayers } from './layers.ts'

/**
 * A picture of a project's rooms, in Markdown: a mermaid chart in which an arrow says "imports", without the arrows that
 * others imply, and a table of the floors, storey on storey. Made from the imports that are granted and used.
 */
export async function drawRooms(root: string): Promise<string> {
  const { grants, homeOf } = readLayers(root)
  const pairs = (await readImports(root)).flatMap(({ file, target }) => {
    const [home, there] = [homeOf(file), homeOf(target)]
    const granted = home !== undefined && there !== undefined && grants[home].some(grant => isIn(there, grant))
    return granted ? [[home, there] as const] : []
  })
  const folders = Object.keys(grants)
  const rooms = [...new Set(folders.map(roomOf))]
  const between = graphOf(
    pairs.map(([from, to]) => [roomOf(from), roomOf(to)] as const).filter(([from, to]) => from !== to)
  )
  const arrows = rooms.flatMap(room => [...direct(between, room)].map(to => `  ${room} --> ${to}`))
  const crowded = rooms.filter(room => folders.some(folder => folder.startsWith(`${room}/`)))
  const rows = crowded.map(room => `| ${room}/ | ${storeys(room, folders, graphOf(pairs))} |`)
  const chart = ['```mermaid', 'flowchart TB', ...arrows, '```']
  return [
    ...chart,
    '',
    '| room | floors, each storey imports only from those before it |',
    '| --- | --- |',
    ...rows,
    ''
  ].join('\n')
}

/** A page with what stands between its marks `<!-- rooms -->` and `<!-- /rooms -->` replaced. */
export function withRooms(page: string, rooms: string): string {
  const marked = /(<!-- rooms -->\n).*(<!-- \/rooms -->)/s
  if (!marked.test(page)) throw new RangeError('the page has no marks <!-- rooms --> and <!-- /rooms -->')
  return page.replace(marked, (_, open, close) => `${open}${rooms}${close}`)
}

/** What a node points at and no other of its targets leads to, sorted. */
function direct(graph: ReadonlyMap<string, ReadonlySet<string>>, node: string): string[] {
  const targets = [...(graph.get(node) ?? [])]
  return targets
    .filter(target => !targets.some(other => other !== target && reachable(graph, other).has(target)))
    .sort()
}

/** A room's floors by the length of the longest way down within the room. */
function storeys(room: string, folders: readonly string[], graph: ReadonlyMap<string, ReadonlySet<string>>): string {
  const floors = folders.filter(folder => roomOf(folder) === room)
  const heightOf = (floor: string): number => {
    const below = floors.filter(other => other !== floor && graph.get(floor)?.has(other))
    return Math.max(0, ...below.map(other => 1 + heightOf(other)))
  }
  const byHeight = Map.groupBy(floors, heightOf)
  const heights = [...byHeight.keys()].sort((a, b) => a - b)
  const nameOf = (floor: string): string => (floor === room ? 'its own files' : floor.slice(room.length + 1))
  return heights.map(height => (byHeight.get(height) ?? []).map(nameOf).join(', ')).join(' → ')
}

function roomOf(folder: string): string {
  return folder.split('/')[0]
}
