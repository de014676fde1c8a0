import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pages } from './check-pages.ts'

/** The ```ts blocks of a page. */
export function examplesIn(page: string): string[] {
  return [...page.matchAll(/^```ts[ \t]*\r?\n([\s\S]*?)^```/gm)].map(([, block]) => block)
}

/**
 * What is wrong with the examples of a project's pages: the compiler's complaints about them against the project's own
 * sources, and a README without one. Writes them to `.cache/examples` and leaves them there to be looked at.
 */
export function checkExamples(root: string): string[] {
  const folder = join(root, '.cache', 'examples')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const found = pages(root).map(page => ({ page, examples: examplesIn(readFileSync(join(root, page), 'utf8')) }))
  for (const { page, examples } of found) {
    examples.forEach((example, at) => {
      const own = /from 'sfmedir(?:\/(\w+))?'/g
      const source = example.replace(own, (_, room = 'node') => `from '../../${room}/index.ts'`)
      writeFileSync(join(folder, `${page.replace(/\W+/g, '-')}-${at + 1}.ts`), `${source}\nexport {}\n`)
    })
  }
  if (!found.some(({ page, examples }) => page === 'README.md' && examples.length > 0))
    return ['README.md: no ```ts example']
  const compilerOptions = { noUnusedLocals: false }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, include: ['*.ts', '../../*/**/jstat.d.ts'] })
  )
  const { status, stdout } = spawnSync(TSC, ['-p', folder], { encoding: 'utf8', cwd: root })
  return status === 0 ? [] : stdout.trimEnd().split('\n')
}

const TSC = join(import.meta.dirname, '../../node_modules/.bin/tsc')
