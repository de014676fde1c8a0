import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkExamples, examplesIn } from '../../../scripts/docs/check-examples.ts'
import { ROOT } from '../../../scripts/sources/sources.ts'
import { madeTree } from './made-tree.ts'

const TREE = {
  'tsconfig.json': JSON.stringify({
    compilerOptions: { module: 'nodenext', strict: true, noEmit: true, allowImportingTsExtensions: true, types: [] }
  }),
  'package.json': '{"type":"module"}',
  'node/index.ts': 'export const peers = 7\n'
}
const example = (line: string): string => `# A page\n\n\`\`\`ts\nimport { peers } from 'sfmedir'\n${line}\n\`\`\`\n`
const check = (pages: Readonly<Record<string, string>>): string[] => checkExamples(madeTree({ ...TREE, ...pages }))

it('an example that compiles passes, one that does not is a fault with its line', () => {
  expect(check({ 'README.md': example('export const more: number = peers + 1') })).toEqual([])
  expect(check({ 'README.md': example('export const more: string = peers') })).toEqual([
    expect.stringMatching(/README-md-1\.ts\(2,14\): error TS2322/)
  ])
})

it('examples of other pages are compiled too', () => {
  const good = example('export const more: number = peers + 1')
  expect(check({ 'README.md': good, 'docs/more.md': example('export const more: string = peers') })).toEqual([
    expect.stringMatching(/docs-more-md-1\.ts\(2,14\): error TS2322/)
  ])
})

it('a README without an example is a fault', () => {
  expect(check({ 'README.md': '# A page\n\n```sh\nls\n```\n' })).toEqual(['README.md: no ```ts example'])
  expect(check({ 'docs/more.md': example('export const more: number = peers') })).toEqual([
    'README.md: no ```ts example'
  ])
})

it("this project's README has examples", () => {
  expect(examplesIn(readFileSync(join(ROOT, 'README.md'), 'utf8')).length).toBeGreaterThan(0)
})
