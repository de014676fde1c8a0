import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT, sourceFiles } from '../../../scripts/sources/sources.ts'

it('every word of docs/glossary.md stands in the sources', () => {
  const rows = readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8').matchAll(/^\| (?!word|---)(.*?) \|/gm)
  const words = [...rows].flatMap(([, cell]) => cell.replaceAll('`', '').split(', '))
  const text = sourceFiles(ROOT)
    .map(file => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n')
  const unused = words.filter(word => !new RegExp(`\\b${word.replace(' ', '[- ]?')}s?\\b`, 'i').test(text))
  expect(words.length).toBeGreaterThan(30)
  expect(unused).toEqual([])
})
