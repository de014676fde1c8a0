// Draws the rooms into CONTRIBUTING.md; with --check says whether the picture there is the one that the code gives now.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawRooms, withRooms } from './layers/draw-rooms.ts'
import { report, ROOT } from './sources/sources.ts'

const page = join(ROOT, 'CONTRIBUTING.md')
const before = readFileSync(page, 'utf8')
const after = withRooms(before, await drawRooms(ROOT))
if (!process.argv.includes('--check')) writeFileSync(page, after)
else if (after !== before)
  report(['CONTRIBUTING.md: the picture of the rooms is not of this code: node scripts/draw-rooms.ts'])
