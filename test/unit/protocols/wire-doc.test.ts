import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ROLES } from '../../../base/roles.ts'
import { STATUS_NUMBERS } from '../../../protocols/status.ts'
import { ALL_MESSAGES } from './messages.ts'

const page = readFileSync(new URL('../../../docs/wire.md', import.meta.url), 'utf8')

describe('docs/wire.md', () => {
  it('states id, callers, stream and limits of all 20 protocols as the records do', () => {
    const rows = ALL_MESSAGES.map(({ protocol }) => {
      const callers = protocol.callers.length === ROLES.length ? 'all' : protocol.callers.join(', ')
      const { id, stream, maxRequestBytes, maxAnswerBytes, timeoutMs, ratePerSecond } = protocol
      return `| \`${id}\` | ${callers} | ${stream} | ${maxRequestBytes} | ${maxAnswerBytes} | ${timeoutMs} | ${ratePerSecond} |`
    })
    expect(
      page
        .split('\n')
        .filter(line => line.startsWith('| `/sfmedir/'))
        .sort()
    ).toEqual(rows.sort())
    expect(rows).toHaveLength(20)
  })
  it('states every status number, no two the same', () => {
    const rows = Object.entries(STATUS_NUMBERS).map(([code, status]) => `| ${status} | \`${code}\` |`)
    expect(page.split('\n').filter(line => /^\| \d+ \| `[A-Z_]+` \|$/.test(line))).toEqual(rows)
    expect(new Set(Object.values(STATUS_NUMBERS)).size).toBe(rows.length)
  })
})
