import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ended, startCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfmedir-missing-vega-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Node as on a machine where vega was not installed. */
const WITHOUT_VEGA = `import { registerHooks } from 'node:module'
registerHooks({
  resolve(name, context, next) {
    if (/^vega/.test(name)) throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' })
    return next(name, context)
  }
})`
const NODE = ['--import', `data:text/javascript,${encodeURIComponent(WITHOUT_VEGA)}`]

describe('without vega', () => {
  it('theorem4 --out ends before its long run with the packages to install, and writes nothing', async () => {
    const { code, stdout, stderr } = await ended(
      startCli(['sim', 'theorem4', '--trials', '10000000000', '--out', folder], NODE)
    )
    expect(stderr).toMatch(/^sfmedir: FILE_UNREADABLE: .*npm install vega vega-lite\n$/)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(readdirSync(folder)).toEqual([])
  })

  it('theorem4 without --out measures and tells', async () => {
    const { code, stdout } = await ended(startCli(['sim', 'theorem4', '--trials', '64', '--pairs', '2/3'], NODE))
    expect(code).toBe(0)
    expect(stdout).toContain('(2,3)')
  })
})
