// What a nearest neighbour in pixels gets right, and what it certainly keeps under attack: the yardstick in models/README.md.
// node scripts/certify-nearest.ts DATA    (DATA holds t-mri, a-mri and k-ct; some minutes)
import { join } from 'node:path'
import { certifyNearest } from '../models/evaluate/certify-nearest.ts'
import { listSplit } from '../models/data/image-folders.ts'
import { loadViews } from '../models/data/load-views.ts'

const SIDE = 64
const LEVELS = [2, 4, 8, 16] // of 255

const data = process.argv[2]
console.log(`| set | nearest neighbour | ${LEVELS.map(level => `at ${level}/255`).join(' | ')} |`)
console.log(`| --- | --- | ${LEVELS.map(() => '---').join(' | ')} |`)
for (const set of ['t-mri', 'a-mri', 'k-ct']) {
  const views = async (split: 'test' | 'train') =>
    loadViews(await listSplit([join(data, set)], split), { side: SIDE, cacheDir: '.cache/views' })
  const found = certifyNearest(await views('test'), await views('train'))
  const share = (holds: (of: (typeof found)[number]) => boolean): string =>
    (found.filter(holds).length / found.length).toFixed(3)
  const kept = LEVELS.map(level => share(({ epsilon }) => epsilon > level / 255))
  console.log(`| ${set} | ${share(({ right }) => right)} | ${kept.join(' | ')} |`)
}
