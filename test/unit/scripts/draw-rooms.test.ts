import { expect, it } from 'vitest'
import { drawRooms, withRooms } from '../../../scripts/layers/draw-rooms.ts'
import { madeTree } from './made-tree.ts'

const folders = { ground: [], 'house/cellar': ['ground'], house: ['ground', 'house/cellar'], roof: ['ground', 'house'] }
const TREE = {
  'layers.json': JSON.stringify({ folders }),
  'ground/a.ts': 'export const a = 1\n',
  'house/cellar/b.ts': "import { a } from '../../ground/a.ts'\nexport const b = a\n",
  'house/c.ts': "import { b } from './cellar/b.ts'\nexport const c = b\n",
  'roof/d.ts': "import { a } from '../ground/a.ts'\nimport { c } from '../house/c.ts'\nexport const d = a + c\n"
}

it('draws what is imported, without arrows that others imply, and the floors from the lowest', async () => {
  expect(await drawRooms(madeTree(TREE))).toBe(
    [
      '```mermaid',
      'flowchart TB',
      '  house --> ground',
      '  roof --> house',
      '```',
      '',
      '| room | floors, each storey imports only from those before it |',
      '| --- | --- |',
      '| house/ | cellar → its own files |',
      ''
    ].join('\n')
  )
})

it('another import is another picture, a grant that nobody uses is none', async () => {
  const before = await drawRooms(madeTree(TREE))
  const roof = "import { a } from '../ground/a.ts'\nexport const d = a\n"
  expect(await drawRooms(madeTree({ ...TREE, 'roof/d.ts': roof }))).toContain('  roof --> ground\n```')
  expect(await drawRooms(madeTree({ ...TREE, 'roof/e.ts': 'export const e = 1\n' }))).toBe(before)
})

it('replaces what stands between the marks, and refuses a page without them', () => {
  expect(withRooms('before\n<!-- rooms -->\nold\n\nold\n<!-- /rooms -->\nafter\n', 'new $1\n')).toBe(
    'before\n<!-- rooms -->\nnew $1\n<!-- /rooms -->\nafter\n'
  )
  expect(() => withRooms('no marks\n', 'new\n')).toThrow(RangeError)
})
