import { expect, it } from 'vitest'
import { checkImports } from '../../../scripts/effects/check-imports.ts'
import { madeTree } from './made-tree.ts'

const WASM = 'new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])' // the smallest module there is
const check = (source: string): Promise<string[]> =>
  checkImports(
    madeTree({ 'package.json': '{"type":"module"}', 'a.ts': 'export const a = 1\n', 'b.ts': `${source}\n` }),
    ['a.ts', 'b.ts']
  )

it('modules that only declare pass', async () => {
  expect(await check(`import { a } from './a.ts'\nexport const verb = () => new WebAssembly.Module(${WASM})`)).toEqual(
    []
  )
})

it.each([
  ['Module', `new WebAssembly.Module(${WASM})`],
  ['compile', `await WebAssembly.compile(${WASM})`],
  ['instantiate', `await WebAssembly.instantiate(${WASM})`],
  ['setTimeout', 'setTimeout(() => {}, 1).unref()'],
  ['setInterval', 'globalThis.setInterval(() => {}, 1000).unref()']
])('%s when it is imported is a fault', async (name, source) => {
  expect(await check(source)).toEqual([`b.ts: uses ${name} when it is imported`])
})

it('what is left open is a fault', async () => {
  const source = "import { createServer } from 'node:net'\ncreateServer().listen(0, '127.0.0.1')"
  expect(await check(source)).toEqual(['TCPServerWrap keeps the process alive'])
})

it('printing is a fault', async () => {
  expect(await check("console.log('hello')")).toEqual(['printed when imported: hello'])
  expect(await check("console.error('hello')")).toEqual(['printed when imported: hello'])
})

it('failing, and ending the process, are faults', async () => {
  expect(await check("throw new Error('no')")).toEqual([
    expect.stringMatching(/^importing the modules failed: .*Error: no/s)
  ])
  expect(await check('process.exit()')).toEqual(['importing the modules failed: '])
})
