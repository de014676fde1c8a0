import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { register } from '../../../cli/verbs/store.ts'
import { Owner } from '../../../node/client/owner.ts'
import { HospitalGrid, picture } from '../node/hospital-grid.ts'
import { type Ran, runOnGrid } from './run-on-grid.ts'

vi.mock('../../../cli/config/open-configured.ts', async original => ({
  ...(await original<object>()),
  withUser: vi.fn(),
  withOwner: vi.fn()
}))

// Virtual time stands still while a file is read.
const world = vi.hoisted((): { grid?: HospitalGrid } => ({}))
vi.mock('../../../cli/console/read-at-most.ts', async original => {
  const real = await original<typeof import('../../../cli/console/read-at-most.ts')>()
  const readAtMost: typeof real.readAtMost = (source, maxBytes) => {
    const bytes = real.readAtMost(source, maxBytes)
    return world.grid?.world.loop.outside(bytes) ?? bytes
  }
  return { ...real, readAtMost }
})

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const root = mkdtempSync(join(tmpdir(), 'sfmedir-store-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A folder with these files: a number makes a picture of that seed, a text is the content. */
function folderOf(files: Record<string, number | string>): string {
  const folder = mkdtempSync(join(root, 'f'))
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, typeof content === 'string' ? content : Buffer.concat([PNG, picture(content, 500)]))
  }
  return folder
}

const summaryOf = ({ out }: Ran) => JSON.parse(out[out.length - 1]).summary
const started = async (): Promise<HospitalGrid> => {
  world.grid = await new HospitalGrid().start()
  return world.grid
}

describe('sfmedir store', () => {
  it('the same folder twice: stored once, known the second time; --again stores it once more', async () => {
    const grid = await started()
    const folder = folderOf({ 'a.png': 1, 'b.png': 2, 'below/c.png': 3 })
    const sfmedir = (...words: string[]) => runOnGrid({ register, grid }, 'store', folder, '--json', ...words)
    const first = await sfmedir()
    expect(summaryOf(first)).toMatchObject({ stored: 3, known: 0, failed: 0, bytes: 3 * 508 })
    const second = await sfmedir()
    expect(second.code).toBe(0)
    expect(summaryOf(second)).toMatchObject({ stored: 0, known: 3, failed: 0, bytes: 0 })
    const ids = ({ out }: Ran) => out.slice(0, -1).map(line => JSON.parse(line).id)
    expect(ids(second).sort()).toEqual(ids(first).sort())
    expect((await grid.run(grid.user.role.status())).images).toBe(3)
    expect(summaryOf(await sfmedir('--again'))).toMatchObject({ stored: 3, known: 0 })
    expect((await grid.run(grid.user.role.status())).images).toBe(6)
  })

  it('three files alike in one folder are one image; what another owner has stored is none of mine', async () => {
    const grid = await started()
    const { role: other } = grid.client('owner two', ports => new Owner(ports))
    await grid.run(other.store(Buffer.concat([PNG, picture(1, 500)])))
    const folder = folderOf({ 'a.png': 1, 'b.png': 1, 'c.png': 1, 'd.png': 2 })
    expect(summaryOf(await runOnGrid({ register, grid }, 'store', folder, '--json'))).toMatchObject({
      stored: 2,
      known: 2
    })
  })

  it('a folder that broke off goes on where it was', async () => {
    const grid = await started()
    const folder = folderOf(Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`${at}.png`, at])))
    await runOnGrid({ register, grid }, 'store', ...[0, 1, 2, 3, 4].map(at => join(folder, `${at}.png`)))
    const rest = await runOnGrid({ register, grid }, 'store', folder, '--json')
    expect(summaryOf(rest)).toMatchObject({ stored: 7, known: 5, failed: 0 })
    expect((await grid.run(grid.user.role.status())).images).toBe(12)
  })

  it('a deleted image is no longer known', async () => {
    const grid = await started()
    const folder = folderOf({ 'a.png': 1 })
    const { out } = await runOnGrid({ register, grid }, 'store', folder, '--json')
    await grid.run(grid.owner.role.delete(JSON.parse(out[0]).id))
    expect(summaryOf(await runOnGrid({ register, grid }, 'store', folder, '--json'))).toMatchObject({
      stored: 1,
      known: 0
    })
  })

  it('hidden names and what is no image are skipped and counted; what is called an image and is none fails', async () => {
    const grid = await started()
    const folder = folderOf({ 'a.png': 1, scan: 2, '.hidden': 3, 'notes.txt': 'text', README: 'text', DICOMDIR: 'x' })
    const { code, out, err } = await runOnGrid({ register, grid }, 'store', folder)
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(out.at(-1)).toMatch(/^2 stored, 4 skipped \(1 hidden, 3 no images\); 1016 B in [\d.]+ s, .*\/s$/)
  })

  it('one bad entry never stops a folder: each is named and counted by its reason, the rest is stored, exit 1', async () => {
    const grid = await started()
    const folder = folderOf({ 'a.png': 1, 'below/b.png': 2, 'empty.png': '' })
    symlinkSync('nothing', join(folder, 'dangling.png'))
    symlinkSync('..', join(folder, 'below', 'up'))
    symlinkSync('loop', join(folder, 'loop'))
    symlinkSync('/dev/zero', join(folder, 'zero.png'))
    symlinkSync('/proc/self/mem', join(folder, 'unreadable.png'))
    execFileSync('mkfifo', [join(folder, 'fifo')])
    writeFileSync(
      Buffer.concat([Buffer.from(`${folder}/x`), Buffer.of(0xe9), Buffer.from('.png')]),
      Buffer.concat([PNG, picture(7)])
    )
    const { code, out, err } = await runOnGrid({ register, grid }, 'store', folder, '--json')
    expect(code).toBe(1)
    expect(summaryOf({ code, out, err })).toMatchObject({
      stored: 3,
      failed: 7,
      reasons: { FILE_UNREADABLE: 6, IMAGE_INVALID: 1 }
    })
    expect(err).toHaveLength(7)
    for (const name of ['dangling.png', 'up', 'loop', 'zero.png', 'unreadable.png', 'fifo', 'empty.png']) {
      expect(
        err.filter(line => line.includes(`/${name}`)),
        name
      ).toHaveLength(1)
    }
  })
})
