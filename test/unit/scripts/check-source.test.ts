import { describe, expect, it } from 'vitest'
import { checkSource } from '../../../scripts/docs/check-source.ts'
import { madeTree } from './made-tree.ts'

const linesOf = (count: number, line = '// a line'): string => `${Array(count).fill(line).join('\n')}\n`

/** What is wrong with each of the sources, all checked at once: parsing starts a process. */
async function check(sources: readonly string[], name = (at: number): string => `room/${at}.ts`): Promise<string[][]> {
  const faults = await checkSource(madeTree(Object.fromEntries(sources.map((source, at) => [name(at), `${source}\n`]))))
  return sources.map((_, at) => faults.filter(fault => fault.startsWith(`${name(at)}:`)))
}

describe('an export needs a doc comment', () => {
  const FORMS = [
    'export function verb(): void {}',
    'export async function* verb() {}',
    'export class Verb {}',
    'export abstract class Verb {}',
    'export interface Verb {}',
    'export type Verb = 1',
    'export enum Verb {}',
    'export const verb = 1',
    'export const { verb } = it',
    'export let verb = 1',
    'export default 1',
    'export default function verb() {}',
    'const verb = 1\nexport { verb }'
  ]

  it('every form of export without one is a fault, and none with one', async () => {
    const bare = await check(FORMS)
    const fault = /^room\/\d+\.ts:1: (?:[vV]erb|\{ verb \}|default) is exported without a doc comment$/
    expect(bare).toEqual(FORMS.map(() => [expect.stringMatching(fault)]))
    expect(await check(FORMS.map(form => `/** A verb. */\n${form}`))).toEqual(FORMS.map(() => []))
  })

  it('another kind of comment is none; one over several lines and one for all overloads will do', async () => {
    const overloads =
      'export function verb(a: 1): void\nexport function verb(a: 2): void\nexport function verb(): void {}'
    const [line, block, ...good] = await check([
      '// A verb.\nexport const verb = 1',
      '/* A verb. */\nexport const verb = 1',
      '/**\n * A verb.\n */\nexport const verb = 1',
      `/** A verb. */\n${overloads}`
    ])
    expect([line.length, block.length]).toEqual([1, 1])
    expect(good).toEqual([[], []])
  })

  it('what is passed on, and AssemblyScript, are described elsewhere', async () => {
    expect(await check(["export { verb } from './other.ts'\nexport * from './more.ts'"])).toEqual([[]])
    expect(await check(['export function verb(): void {}'], () => 'room/verb.as.ts')).toEqual([[]])
  })
})

describe('time and chance come through their ports', () => {
  const TAKEN: readonly (readonly [string, string])[] = [
    ['Math.random', 'const x = Math.random()'],
    ['Date.now', 'const x = Date.now()'],
    ['Date.now', 'const clock = { now: Date.now }'],
    ['Date.now', 'const x = globalThis.Date.now()'],
    ['new Date()', 'const x = new Date()'],
    ['new Date()', 'const x = new Date'],
    ['performance.now', 'const x = performance.now()'],
    ['setTimeout', 'setTimeout(() => {}, 1)'],
    ['setTimeout', 'globalThis.setTimeout(() => {}, 1)'],
    ['setTimeout', 'const later = setTimeout'],
    ['setInterval', 'setInterval(() => {}, 1)'],
    ['setTimeout', "import { setTimeout as sleep } from 'node:timers/promises'"],
    ['performance', "import { performance } from 'node:perf_hooks'"],
    ['randomBytes', "import { createHash, randomBytes } from 'node:crypto'"],
    ['crypto.getRandomValues', 'crypto.getRandomValues(new Uint8Array(4))'],
    ['AbortSignal.timeout', 'const signal = AbortSignal.timeout(10)']
  ]
  const sources = TAKEN.map(([, source]) => source)

  it('everything that takes them from the platform is a fault', async () => {
    const expected = TAKEN.map(([what], at) => [`room/${at}.ts:1: takes ${what} directly, not through Clock or Random`])
    expect(await check(sources)).toEqual(expected)
  })

  it.each(['base', 'bench', 'scripts'])('%s/ may', async room => {
    expect(await check(sources, at => `${room}/${at}.ts`)).toEqual(sources.map(() => []))
  })

  it('a clock of ours, a given date, a comment, a text and setImmediate pass', async () => {
    const ours = 'clock.setTimeout(f, 1)\nclock.now()\nnew Date(5)\nclass Own { setTimeout() {} }\nsetImmediate(f)'
    expect(await check([ours, "// Date.now()\nconst text = 'Math.random()'"])).toEqual([[], []])
  })
})

describe('lengths', () => {
  it.each(['room/verb.ts', 'room/verb.as.ts', 'scripts/verb.ts'])('250 lines of %s pass, 251 do not', async file => {
    expect(await check([linesOf(250).trimEnd()], () => file)).toEqual([[]])
    expect(await check([linesOf(251).trimEnd()], () => file)).toEqual([[`${file}: 251 lines, more than 250`]])
  })

  it('every kind of function passes with 50 lines and not with 51', async () => {
    const kinds = [
      ['function verb() {', '}'],
      ['const verb = () => {', '}'],
      ['class Verb { run() {', '}}'],
      ['class Verb { constructor() {', '}}'],
      ['const verb = { get it() {', '}}'],
      ['verb(function () {', '})']
    ]
    expect(await check(kinds.map(([open, close]) => `${open}\n${linesOf(48)}${close}`))).toEqual(kinds.map(() => []))
    expect(await check(kinds.map(([open, close]) => `${open}\n${linesOf(49)}${close}`))).toEqual(
      kinds.map((_, at) => [`room/${at}.ts:1: a function of 51 lines, more than 50`])
    )
  })

  it('a comment above a function does not count', async () => {
    expect(await check([`/**\n${linesOf(20, ' * text')} */\nfunction verb() {\n${linesOf(48)}}`])).toEqual([[]])
  })
})
