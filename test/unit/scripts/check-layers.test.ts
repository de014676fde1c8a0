import { describe, expect, it } from 'vitest'
import { checkLayers } from '../../../scripts/layers/check-layers.ts'
import { ROOT, sourceFiles } from '../../../scripts/sources/sources.ts'
import { madeTree } from './made-tree.ts'

/** `low` has a floor with a door, `high` stands on both. */
const HOUSE = {
  'layers.json': JSON.stringify({
    folders: { low: [], 'low/floor': ['low'], high: ['low', 'low/floor'] },
    doors: { 'low/floor': 'door.ts' }
  }),
  'low/stone.ts': 'export const stone = 1\n',
  'low/floor/door.ts': "import { stone } from '../stone.ts'\nexport const door = stone\n",
  'low/floor/inner.ts': 'export const inner = 1\n',
  'high/roof.ts': "import { door } from '../low/floor/door.ts'\nimport { stone } from '../low/stone.ts'\n"
}

const check = (change: Readonly<Record<string, string>>): Promise<string[]> =>
  checkLayers(madeTree({ ...HOUSE, ...change }))

describe('check-layers', () => {
  it('finds nothing wrong in a tree that keeps to its arrows', async () => {
    expect(await check({})).toEqual([])
  })

  it('an import upward is seen in every form', async () => {
    const forms = [
      "import { door } from './floor/door.ts'",
      "import {\n  door\n} from './floor/door.ts'",
      "import type { door } from './floor/door.ts'",
      "export type Door = import('./floor/door.ts').Door",
      "export { door } from './floor/door.ts'",
      "const door = await import('./floor/door.ts')",
      'const door = await import(`./floor/door.ts`)',
      'const door = await import(`./floor/$' + '{name}.ts`)',
      "const door = new URL('./floor/door.ts', import.meta.url)"
    ]
    const faults = await check(Object.fromEntries(forms.map((form, at) => [`low/${at}.ts`, `${form}\n`])))
    const upward = faults.filter(fault => fault.includes('low may not import low/floor'))
    expect(upward.map(fault => fault.split(':')[0])).toEqual(forms.map((_, at) => `low/${at}.ts`))
  })

  it('an AssemblyScript source is read like any other', async () => {
    const faults = await check({ 'low/beam.as.ts': "import { door } from './floor/door'\n" })
    expect(faults).toContainEqual('low/beam.as.ts: low may not import low/floor (low/floor/door)')
  })

  it('an import in a comment or a text is none', async () => {
    const source =
      "/* import './floor/door.ts'\n import './floor/door.ts' */\nexport const text = \"from './floor/door.ts'\"\n"
    expect(await check({ 'low/beam.ts': source })).toEqual([])
  })

  it('a door that is passed by is a fault', async () => {
    expect(await check({ 'high/thief.ts': "import { inner } from '../low/floor/inner.ts'\n" })).toEqual([
      'high/thief.ts: low/floor is entered through door.ts only (low/floor/inner.ts)'
    ])
  })

  it('a grant that nobody uses is a fault', async () => {
    expect(await check({ 'high/roof.ts': "import { door } from '../low/floor/door.ts'\n" })).toEqual([
      'layers.json: high is granted low, which it does not import'
    ])
  })

  it('a folder without a line, one without files, a file that is not there, and a room that imports its index', async () => {
    expect(await check({ 'shed/hut.ts': 'export const hut = 1\n' })).toEqual([
      'shed/hut.ts: lies in no folder of layers.json'
    ])
    const folders = { low: [], 'low/floor': ['low'], high: ['low'], attic: [] }
    expect(await check({ 'layers.json': JSON.stringify({ folders }) })).toContain(
      'layers.json: attic has no files of its own'
    )
    expect(await check({ 'low/beam.ts': "import { gone } from './gone.ts'\n" })).toEqual([
      'low/beam.ts: imports low/gone.ts, which is not there'
    ])
    expect(
      await check({ 'low/index.ts': "export { beam } from './beam.ts'\n", 'low/beam.ts': "import './index.ts'\n" })
    ).toContain("low/beam.ts: imports its own room's index.ts")
  })

  it('every circle of files is named, not only the first', async () => {
    const faults = await check({
      'low/a.ts': "import './b.ts'\n",
      'low/b.ts': "import './c.ts'\n",
      'low/c.ts': "import './a.ts'\n",
      'high/x.ts': "import type { y } from './y.ts'\n",
      'high/y.ts': "import { x } from './x.ts'\n",
      'high/z.ts': "import { y } from './y.ts'\n"
    })
    expect(faults).toEqual([
      'files import each other in a circle: high/x.ts, high/y.ts',
      'files import each other in a circle: low/a.ts, low/b.ts, low/c.ts'
    ])
  })

  it('floors and rooms that are granted in a circle are faults', async () => {
    const floors = { low: ['low/floor'], 'low/floor': ['low'], high: ['low'] }
    expect(await check({ 'layers.json': JSON.stringify({ folders: floors }) })).toContain(
      'layers.json: circle of low, low/floor'
    )
    const rooms = { low: [], 'low/floor': ['low', 'high'], high: ['low'] }
    expect(await check({ 'layers.json': JSON.stringify({ folders: rooms }) })).toContain(
      'layers.json: circle of the rooms high, low'
    )
  })

  it('scripts and AssemblyScript of this project are among what is read', () => {
    const files = sourceFiles(ROOT)
    for (const file of ['base/errors.ts', 'scripts/check-layers.ts', 'crypto/row-kernel.as.ts', 'bench/main.ts']) {
      expect(files).toContain(file)
    }
  })
})
