// Checks that everything exported from product code has a doc comment, that files keep within 250 lines (tables and
// vectors excepted), and that time and chance are taken through their ports. Prints every place that does not.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const MAX_LINES = 250
const EXPORT = /^export (?:async )?(?:abstract )?(?:function\*?|class|interface|type|const|enum) ([A-Za-z_$][\w$]*)/
const PORTED = /\bMath\.random\(|\bDate\.now\(|(?<![.\w])setTimeout\(|(?<![.\w])setInterval\(|AbortSignal\.timeout\(/
const faults: string[] = []

for (const file of globSync('{base,crypto,hashing,models,storage,indexing,protocols,node,cli,sim}/**/*.ts', {
  cwd: root
})) {
  if (file.endsWith('.as.ts')) continue
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  if (lines.length > MAX_LINES + 1 && !/tables|vectors/.test(file))
    faults.push(`${file}: ${lines.length - 1} lines, more than ${MAX_LINES}`)
  lines.forEach((line, at) => {
    const name = EXPORT.exec(line)?.[1]
    const overload =
      name !== undefined && new RegExp(`^export function ${name.replace('$', '\\$')}\\b`).test(lines[at - 1] ?? '')
    if (name !== undefined && !overload && !/\*\/\s*$/.test(lines[at - 1] ?? '')) {
      faults.push(`${file}:${at + 1}: ${name} is exported without a doc comment`)
    }
    if (!file.startsWith('base/') && !/^\s*(\/\/|\*)/.test(line) && PORTED.test(line)) {
      faults.push(`${file}:${at + 1}: takes time or chance directly, not through Clock or Random`)
    }
  })
}

for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exit(1)
