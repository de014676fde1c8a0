import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ImageId } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import { register as registerFetch } from '../../../cli/verbs/fetch.ts'
import { register as registerList } from '../../../cli/verbs/list.ts'
import { register as registerSearch } from '../../../cli/verbs/search.ts'
import { register as registerShow } from '../../../cli/verbs/show.ts'
import { generateKeys } from '../../../crypto/keys.ts'
import { Owner } from '../../../node/client/owner.ts'
import { User } from '../../../node/client/user.ts'
import { HospitalGrid, picture } from '../node/hospital-grid.ts'
import { type GridVerbs, runOnGrid } from './run-on-grid.ts'

vi.mock('../../../cli/config/open-configured.ts', async original => ({
  ...(await original<object>()),
  withUser: vi.fn(),
  withOwner: vi.fn()
}))

const folder = mkdtempSync(join(tmpdir(), 'sfmedir-list-'))
const fresh = (): string => mkdtempSync(join(folder, 'f'))
const register: GridVerbs['register'] = program => {
  for (const add of [registerFetch, registerList, registerSearch, registerShow]) add(program)
}
const NAMES = ['b.dcm', 'a.dcm', '../../a.dcm', '', 'c.png']
const ids: ImageId[] = []
let grid: HospitalGrid
let stranger: User

beforeAll(async () => {
  grid = await new HospitalGrid().start()
  for (const [at, name] of NAMES.entries()) {
    const labels = at % 2 === 0 ? ['mr', 'head'] : ['ct']
    ids.push((await grid.run(grid.owner.role.store(picture(at), { name, labels }))).id)
    await grid.pass(60_000)
  }
  const keys = generateKeys(seededRandom('another consortium'))
  stranger = grid.client('user two', ports => new User(ports), { keys }).role
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sfmedir = (...words: string[]) => runOnGrid({ register, grid }, ...words)
const asStranger = (...words: string[]) => runOnGrid({ register, grid, user: stranger }, ...words)
const namesOf = (out: readonly string[]): string[] => out.map(line => JSON.parse(line).name)

describe('sfmedir list', () => {
  it('tells newest first, and in pages of 2 by --after the same ones', async () => {
    const { code, out } = await sfmedir('list', '--json')
    expect(code).toBe(0)
    expect(namesOf(out)).toEqual(NAMES.toReversed())
    expect(JSON.parse(out[4])).toMatchObject({
      id: ids[0],
      name: 'b.dcm',
      labels: ['mr', 'head'],
      state: 'healthy',
      note: null
    })
    for (const sort of ['time', 'name', 'id']) {
      const whole = (await sfmedir('list', '--json', '--sort', sort)).out
      const paged: string[] = []
      for (;;) {
        const after = paged.length === 0 ? [] : ['--after', JSON.parse(paged[paged.length - 1]).id]
        const page = await sfmedir('list', '--json', '--sort', sort, '--limit', '2', ...after)
        paged.push(...page.out)
        if (page.err.length === 0) break
        expect(page.err[0]).toContain('there are more')
      }
      expect(paged).toEqual(whole)
    }
  })

  it('chooses by name, label, owner and time', async () => {
    expect(namesOf((await sfmedir('list', '--json', '--name', '*.DCM', '--sort', 'name')).out)).toEqual([
      '../../a.dcm',
      'a.dcm',
      'b.dcm'
    ])
    expect(namesOf((await sfmedir('list', '--json', '--label', 'ct', '--sort', 'name')).out)).toEqual(['', 'a.dcm'])
    const owner = grid.owner.life.signer.self
    expect((await sfmedir('list', '--json', '--owner', owner)).out).toHaveLength(5)
    expect((await sfmedir('list', '--json', '--owner', grid.user.life.signer.self)).out).toEqual([])
    expect((await sfmedir('list', '--since', '1970-01-02')).out).toEqual(['no images']) // virtual time starts in 1970
  })

  it('for people: a line of id, time, size, state, owner, name and labels', async () => {
    const { out } = await sfmedir('list', '--name', 'b.dcm')
    expect(out[0]).toMatch(
      new RegExp(`^${ids[0]}  [\\d-]+ [\\d:]+ +\\d\\.\\d KiB  healthy     ….{6}  b\\.dcm  \\[mr, head\\]$`)
    )
  })

  it("with another consortium's keys: every line says (sealed), then KEY_WRONG with what to do, exit 1", async () => {
    const { code, out, err } = await asStranger('list')
    expect({ code, sealed: out.filter(line => line.endsWith('(sealed)')).length }).toEqual({ code: 1, sealed: 5 })
    expect(err).toEqual([
      expect.stringMatching(/^sfmedir: KEY_WRONG: all 5 images found are sealed under other keys .*--keys FILE/)
    ])
  })
})

describe('sfmedir show', () => {
  it('tells of one image; of one that is not stored IMAGE_NOT_FOUND, and the others all the same', async () => {
    const { code, out, err } = await sfmedir('show', 'f'.repeat(64), ids[4])
    expect(out).toContain('name    c.png')
    expect(out).toContain('labels  mr, head')
    expect(code).toBe(1)
    expect(err).toEqual([expect.stringContaining('IMAGE_NOT_FOUND')])
    expect(JSON.parse((await sfmedir('show', ids[1], '--json')).out[0])).toMatchObject({ id: ids[1], name: 'a.dcm' })
  })
})

describe('sfmedir search', () => {
  it("with another consortium's keys: no result, KEY_WRONG with what to do, exit 1", async () => {
    const query = join(fresh(), 'query')
    writeFileSync(query, picture(1))
    expect((await sfmedir('search', query, '--json')).out).toHaveLength(5)
    const { code, out, err } = await asStranger('search', query, '--json')
    expect({ code, out }).toEqual({ code: 1, out: [] })
    expect(err).toEqual([expect.stringMatching(/^sfmedir: KEY_WRONG: all 5 images found .*--keys FILE/)])
  })
})

describe('sfmedir fetch', () => {
  it('--all: each file by its stored name in that folder, equal ones numbered, mode 0600; again: nothing is fetched', async () => {
    const out = fresh()
    expect((await sfmedir('fetch', '--all', out)).code).toBe(0)
    expect(readdirSync(out).sort()).toEqual([`${ids[3]}.bin`, 'a (2).dcm', 'a.dcm', 'b.dcm', 'c.png'].sort())
    const both = ['a.dcm', 'a (2).dcm'].map(name => readFileSync(join(out, name)))
    expect(both.map(bytes => [1, 2].find(at => bytes.equals(picture(at)))).sort()).toEqual([1, 2])
    expect(readFileSync(join(out, 'b.dcm')).equals(picture(0))).toBe(true)
    for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o777).toBe(0o600)
    rmSync(join(out, `${ids[3]}.bin`))
    const again = await sfmedir('fetch', '--all', out)
    expect({ code: again.code, there: again.out.filter(line => line.includes('there already')).length }).toEqual({
      code: 0,
      there: 4
    })
  })

  it('a file of that name with other bytes stays: FILE_UNWRITABLE, the others are fetched; --force replaces it', async () => {
    const out = fresh()
    writeFileSync(join(out, 'b.dcm'), 'mine')
    const { code, err } = await sfmedir('fetch', '--name', '?.dcm', '--out', out)
    expect({ code, err }).toEqual({ code: 1, err: [expect.stringContaining('FILE_UNWRITABLE')] })
    expect(readFileSync(join(out, 'b.dcm'), 'utf8')).toBe('mine')
    expect(readdirSync(out).sort()).toEqual(['a.dcm', 'b.dcm'])
    expect((await sfmedir('fetch', ids[0], '--out', out, '--force')).code).toBe(0)
    expect(readFileSync(join(out, 'b.dcm')).equals(picture(0))).toBe(true)
  })

  it('by id: under the stored name, or with --by-id under the id', async () => {
    const out = fresh()
    await sfmedir('fetch', ids[4], '--out', out)
    await sfmedir('fetch', ids[4], '--out', out, '--by-id')
    expect(readdirSync(out).sort()).toEqual([`${ids[4]}.bin`, 'c.png'].sort())
  })

  it('an image sealed under other keys: KEY_WRONG by id; with --all it is left out, counted, and the rest fetched', async () => {
    const out = fresh()
    const { code, err } = await asStranger('fetch', ids[0], '--out', out)
    expect({ code, err }).toEqual({ code: 1, err: [expect.stringMatching(/KEY_WRONG: .*--keys FILE/)] })
    const keys = generateKeys(seededRandom('another consortium'))
    const { role: other } = grid.client('owner two', ports => new Owner(ports), { keys })
    await grid.run(other.store(picture(50), { name: 'theirs.png' }))
    const all = await sfmedir('fetch', '--all', out)
    expect({ code: all.code, files: readdirSync(out).length }).toEqual({ code: 0, files: 5 })
    expect(all.err).toEqual([expect.stringContaining('1 of 6 images are sealed under other keys')])
  })

  it('ids beside --name or --all, or nothing at all, is called wrongly: 2', async () => {
    for (const words of [[], [ids[0], '--name', '*'], [ids[0], '--all', 'x']]) {
      expect((await sfmedir('fetch', ...words)).code).toBe(2)
    }
  })
})
