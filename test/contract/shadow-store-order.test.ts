import { dirname } from 'node:path'
import { expect, it, vi } from 'vitest'
import { seededRandom } from '../../base/random.ts'
import { DiskShadowStore } from '../../storage/disk-shadow-store.ts'
import { dropAt, exampleKey, exampleShadow, ORIGIN } from './example-shadow.ts'
import { type Change, ForgetfulDisk } from './forgetful/forgetful-disk.ts'
import { withMounted } from './forgetful/mount.ts'
import { seededPause } from './forgetful/seeded-pause.ts'

vi.mock('node:fs/promises', async real => (await import('./forgetful/forgetful-fs.ts')).forgetfulFs(await real()))
vi.mock('level', () => import('./forgetful/forgetful-level.ts'))

/** What a store does to its disk from a call until the acknowledgement, after other calls. */
async function recorded(
  seed: number,
  work: (store: DiskShadowStore) => Promise<unknown>,
  before: readonly ((store: DiskShadowStore) => Promise<unknown>)[] = []
): Promise<readonly Change[]> {
  const disk = new ForgetfulDisk({ pause: seededPause(seededRandom(seed)) })
  return await withMounted(disk, async folder => {
    const store = new DiskShadowStore(folder, { reserveBytes: 0 })
    await store.start()
    for (const each of before) await each(store)
    const from = disk.time
    await work(store)
    const changes = disk.changes.slice(from)
    await store.stop()
    return changes
  })
}

/** Expects operations to stand in this order, each the last of its kind. */
function expectOrder(changes: readonly Change[], ...order: readonly (readonly [Change['what'], string])[]): void {
  const found = order.map(([what, path]) => changes.findLastIndex(each => each.what === what && each.path === path))
  expect(found, JSON.stringify(changes)).not.toContain(-1)
  expect(found).toEqual([...found].sort((a, b) => a - b))
}

/** The one rename of some changes, and the folders of its end, the inner one first. */
function renamed(changes: readonly Change[]): { from: string; to: string; folders: [string, string, string] } {
  const renames = changes.filter(({ what }) => what === 'rename')
  expect(renames).toHaveLength(1)
  const [{ path: from, to = '' }] = renames
  return { from, to, folders: [dirname(to), dirname(dirname(to)), dirname(dirname(dirname(to)))] }
}

const SEEDS = Array.from({ length: 100 }, (_, seed) => seed)
const put = (store: DiskShadowStore): Promise<void> => store.put(exampleKey(1), exampleShadow(1), ORIGIN)
const drop = (store: DiskShadowStore): Promise<boolean> => store.drop(exampleKey(1), dropAt(1))

it('a put syncs the file before it takes its name, then the folder, the new folders, and last the metadata', async () => {
  for (const seed of SEEDS) expectPutOrder(await recorded(seed, put))
})

function expectPutOrder(changes: readonly Change[]): void {
  const { from, folders } = renamed(changes)
  const [inner, outer, root] = folders
  expect(dirname(from)).toBe(inner)
  expectOrder(changes, ['make', from], ['write', from], ['sync', from], ['rename', from], ['sync', inner])
  expectOrder(changes, ['make', inner], ['sync', outer], ['write', '/metadata'])
  expectOrder(changes, ['make', outer], ['sync', root], ['write', '/metadata'])
  expectOrder(changes, ['sync', inner], ['write', '/metadata'], ['sync', '/metadata'])
  expect(changes.at(-1)).toMatchObject({ what: 'sync', path: '/metadata' })
}

const moves = [
  ['drop', drop, [put]],
  ['restore', (store: DiskShadowStore) => store.restore(exampleKey(1)), [put, drop]]
] as const

it.each(moves)(
  'a %s syncs new folders before the file moves, then both ends, and last the metadata',
  async (_, move, before) => {
    for (const seed of SEEDS) expectMoveOrder(await recorded(seed, move, before))
  }
)

function expectMoveOrder(changes: readonly Change[]): void {
  const { from, folders } = renamed(changes)
  const [inner, outer, root] = folders
  expectOrder(changes, ['make', inner], ['sync', outer], ['rename', from])
  expectOrder(changes, ['make', outer], ['sync', root], ['rename', from])
  expectOrder(changes, ['rename', from], ['sync', inner], ['sync', dirname(from)], ['write', '/metadata'])
  expect(changes.findLast(({ what }) => what === 'sync')).toMatchObject({ path: '/metadata' })
}
