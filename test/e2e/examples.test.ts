import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const SAYS: Readonly<Record<string, RegExp>> = {
  'library-use.ts': /^slice 3 at distance 0, 1000 bytes\nwith a slave dead: identical\n$/,
  'own-hash-model.ts': /^ ?\d+ bits from period 1000: period 1024\n(?:.*\n){3}$/,
  'own-placement.ts': /^shadows lie on slaves 0, 1, 2, /,
  'own-churn-trace.ts':
    /slave 0 down, 20 of 20 images can be read\n(?:.*\n)*.*slave 2 up {2}, 20 of 20 images can be read\n$/
}

describe('examples/', () => {
  it('every one is tried below', () => {
    expect(globSync('*.ts', { cwd: join(ROOT, 'examples') }).sort()).toEqual(Object.keys(SAYS).sort())
  })

  it.each(Object.keys(SAYS))('%s runs as its first lines say, against the package by its name', name => {
    const words = ['--conditions=sfmedir-source', join('examples', name)]
    expect(execFileSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' })).toMatch(SAYS[name])
  })
})
