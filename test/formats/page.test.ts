import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { examplesOf, fillPage } from './page.ts'
import { cipherExamples } from './page-ciphers.ts'
import { recordExamples } from './page-records.ts'
import { sealExamples } from './page-seals.ts'
import { shadowExamples } from './page-shadows.ts'

const PAGE = new URL('../../docs/formats.md', import.meta.url)
const page = readFileSync(PAGE, 'utf8')
const examples = { ...cipherExamples, ...shadowExamples, ...sealExamples, ...recordExamples }

it('docs/formats.md has one example for each of the computations here', () => {
  const names = examplesOf(page).map(({ name }) => name)
  expect(names.toSorted()).toEqual(Object.keys(examples).sort())
})

it('docs/formats.md lists every label that the code has: texts that begin with sfmedir/ or QMS2/', () => {
  const root = join(import.meta.dirname, '../..')
  const sources = globSync('{base,codec,crypto,hashing,storage,indexing,node}/**/*.ts', { cwd: root })
  const labels = sources.flatMap(file => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    const code = lines.filter(line => !/^\s*(\*|\/\/|\/\*)/.test(line)).join('\n')
    return [...code.matchAll(/['`]((?:sfmedir|QMS2)\/[^'`$]*)/g)].map(([, label]) => label)
  })
  expect(labels.length).toBeGreaterThan(10)
  expect(labels.filter(label => !page.includes(`\`${label}`))).toEqual([])
})

it('every example of docs/formats.md is what the code gives; `npx vitest run test/formats/page.test.ts -u` writes it', async () => {
  const filled = fillPage(page, (name, given) => examples[name](given))
  await expect(filled).toMatchFileSnapshot(PAGE.pathname)
})
