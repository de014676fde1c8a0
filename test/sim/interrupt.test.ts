import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import { Progress } from '../../sim/report/progress.ts'
import { type Ended, ended, startCli } from './run-cli.ts'

const TERMINAL = ['--import', 'data:text/javascript,process.stderr.isTTY = true'] // progress is for terminals only
const WIPE = '\r\u001b[K' // back to the start of the line, and clear it
const LONG = 'sim theorem4 --pairs 2/3 --p 0.001:0.5:0.001 --trials 20000000' // 500 cells, some minutes
const SHORT = 'sim theorem4 --pairs 2/3,6/10 --p 0.1,0.3 --trials 4000000' // about a second

/** Interrupt a run when its progress says that so many per cent are done. */
async function interruptAt(percent: number, args: readonly string[]): Promise<Ended> {
  const child = startCli(args, TERMINAL)
  const end = ended(child)
  let told = ''
  let asked = false
  child.stderr.on('data', chunk => {
    told += chunk
    const done = Math.max(0, ...[...told.matchAll(/(\d+) %/g)].map(([, share]) => Number(share)))
    if (done < percent || asked) return
    asked = true // once: a second one leaves at once
    child.kill('SIGINT')
  })
  await once(child, 'exit')
  return end
}

describe('a long run', () => {
  it('Ctrl-C at 2 %: the finished cells are kept, whole, "complete": false, exit code 130', async () => {
    const out = mkdtempSync(join(tmpdir(), 'sfmedir-interrupt-'))
    const { code, stdout, stderr } = await interruptAt(2, [...LONG.split(' '), '--out', out])
    expect(code).toBe(130)
    expect(stderr).toContain('what is done is kept')
    const { complete, cells, config } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))
    expect(complete).toBe(false)
    expect(cells.length).toBeGreaterThanOrEqual(5)
    expect(cells.length).toBeLessThan(config.p.length)
    expect(cells.every(({ trials }: { trials: number }) => trials === 20_000_000)).toBe(true)
    expect(stdout).toContain('Interrupted')
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Interrupted')
    expect(existsSync(join(out, 'cells.csv'))).toBe(true)
  })

  it('on a terminal: a bar with the time that is left, wiped at the end; into a pipe: nothing', async () => {
    const shown = await ended(startCli(SHORT.split(' '), TERMINAL))
    expect(shown.stderr.split(WIPE).slice(1, -1)).toContainEqual(expect.stringMatching(/^█+░+ +\d+ % \d+ s left/))
    expect(shown.stderr.endsWith(WIPE)).toBe(true)
    const piped = await ended(startCli(SHORT.split(' ')))
    expect(piped.stderr).toBe('')
    expect(piped.stdout).toBe(shown.stdout)
  })
})

describe('progress', () => {
  it('a quarter done after 30 s: 90 s are left; more than all is all; five lines a second at most', () => {
    const lines: string[] = []
    let now = 0
    const progress = new Progress({ monotonic: () => now } as Clock, line => lines.push(line))
    now = 30_000
    progress.at(0.25, 'Table 11')
    now = 30_100
    progress.at(0.26)
    now = 120_000
    progress.at(32)
    expect(lines).toEqual([
      `${'█'.repeat(7)}${'░'.repeat(21)}  25 % 1 min 30 s left Table 11`,
      `${'█'.repeat(28)} 100 % 0 s left `
    ])
  })
})
