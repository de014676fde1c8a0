// Compiles every ```ts block of README.md and docs/*.md against the project's own sources, so that examples cannot rot.
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const folder = join(root, '.cache', 'examples')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

let count = 0
for (const page of ['README.md', ...globSync('docs/*.md', { cwd: root }), ...globSync('models/*.md', { cwd: root })]) {
  let text: string
  try {
    text = readFileSync(join(root, page), 'utf8')
  } catch {
    continue // the page does not exist yet
  }
  for (const [, block] of text.matchAll(/```ts\n([\s\S]*?)```/g)) {
    const source = block.replace(/from 'sfmedir(?:\/(\w+))?'/g, (_, room) => `from '../../${room ?? 'node'}/index.ts'`)
    writeFileSync(join(folder, `${page.replace(/\W+/g, '-')}-${++count}.ts`), `${source}\nexport {}\n`)
  }
}

if (count > 0) {
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions: { noUnusedLocals: false }, include: ['*.ts'] })
  )
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' })
  if (status !== 0) {
    console.error(stdout)
    process.exit(1)
  }
}
console.error(`${count} examples compile`)
