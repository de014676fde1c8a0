import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')

async function sfmedir(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code, out, err }
}

describe('the command line', () => {
  it('demo: 2 masters and 5 slaves as processes; a slave, then a master killed; every image identical', async () => {
    const { code, out } = await sfmedir('demo', '--k', '3', '--json')
    const result = JSON.parse(out)
    expect(code).toBe(0)
    expect(result).toMatchObject({ stored: 20, masters: 2, slaves: 5, precisionAtK: null })
    expect(result.rounds.map(({ killed }: { killed: string }) => killed)).toEqual(['none', 'slave', 'master'])
    for (const { retrieved } of result.rounds) {
      expect(retrieved).toHaveLength(3)
      for (const image of retrieved) expect(image.identical).toBe(true)
    }
  }, 120_000)

  it('a reader that goes away ends the verb without a word on stderr', async () => {
    const child = spawn(process.execPath, [MAIN, 'sim', 'policy', '--target', '1e-6', '--p', '0.1'])
    child.stdout.destroy()
    const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })

  for (const [name, args, code, said] of [
    ['an unknown verb', ['nonsense'], 2, 'unknown command'],
    ['a missing configuration file', ['config', 'print', '--config', '/nowhere.yaml'], 1, 'FILE_UNREADABLE'],
    ['a length that is no number', ['config', 'print', '--bits', 'many'], 2, 'CONFIG_INVALID: --bits'],
    ['a path that matches nothing', ['store', '/nowhere/*.png', '--roles', 'owner'], 1, 'FILE_UNREADABLE'],
    ['a malformed id', ['fetch', 'abc', '--roles', 'user'], 2, 'an image id is 64'],
    [
      'a peer that its roster does not name',
      ['status', '--roles', 'user', '--data', '/tmp/sfmedir-test-peer'],
      2,
      'CONFIG_INVALID'
    ]
  ] as const) {
    it(`${name} exits with ${code} and one line`, async () => {
      const result = await sfmedir(...args)
      expect(result.code).toBe(code)
      expect(result.err).toContain(said)
      expect(result.out).toBe('')
    })
  }
})
