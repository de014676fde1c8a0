import { expect, it } from 'vitest'
import { checkPages } from '../../../scripts/docs/check-pages.ts'
import { madeTree } from './made-tree.ts'

const check = (page: string): string[] =>
  checkPages(
    madeTree({
      'README.md': page,
      'docs/words.md': 'Words.\n',
      'room/verb.ts': '',
      'test/unit/verb.test.ts': '',
      'model/a/b': ''
    })
  )

it.each([
  ['a file', '`room/verb.ts`'],
  ['a folder', '`room/`'],
  ['a file named alone', '`verb.ts`'],
  ['a word of a command', '    node room/verb.ts --all'],
  ['any name', '`room/<verb>.ts`, `room/*.ts`, `model/CLASS/IMAGE`'],
  ['a link', '[words](docs/words.md#one)'],
  ['a link elsewhere', '[there](https://example.org/room/gone.ts)'],
  ['what a clone does not hold', '`dist/room/verb.js`, `../shared/room/gone.ts`'],
  ['what is no path', 'and/or, 1/2, `/room/gone/1.0.0`, `ip4/tcp`']
])('%s passes', (_, page) => {
  expect(check(page)).toEqual([])
})

it.each([
  ['a file', '`room/gone.ts`', 'room/gone.ts'],
  ['a folder', '`room/gone/`', 'room/gone/'],
  ['a file in a folder that is gone', '`gone/verb.ts`', 'gone/verb.ts'],
  ['a file named alone', 'see `gone.ts`.', 'gone.ts'],
  ['a word of a command', '    node room/gone.ts --all', 'room/gone.ts'],
  ['a pattern', '`room/<verb>.py`', 'room/<verb>.py'],
  ['a link', '[words](docs/gone.md)', 'docs/gone.md']
])('%s that is not there is a fault', (_, page, path) => {
  expect(check(page)).toEqual([`README.md: ${path} is not there`])
})
