// Runs the benches, each in a process of its own, and prints their tables: `npm run bench`, or one by name:
// `npm run bench -- cipher`. Ratios within one table were measured in one run.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'

const PARTS = new Set(['main.ts', 'cipher-allocation.ts']) // not benches by themselves
const all = globSync('*.ts', { cwd: import.meta.dirname })
  .filter(file => !PARTS.has(file))
  .map(file => basename(file, '.ts'))
  .sort()

const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !all.includes(name))
if (unknown.length > 0) {
  console.error(`no bench is named ${unknown.join(', ')}; there are ${all.join(', ')}`)
  process.exit(2)
}

let failed = 0
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`\n== ${name}`)
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' })
  if (status !== 0) failed++
}
process.exitCode = failed === 0 ? 0 : 1
