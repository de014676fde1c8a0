import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, describe, expect, it } from 'vitest'
import { loadConfig, withSettings } from '../../../cli/config/load-config.ts'
import { flagOf, variableOf } from '../../../cli/config/setting.ts'
import { SETTING_ROWS } from '../../../cli/config/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfmedir-settings-'))
const file = join(folder, 'sfmedir.yaml')
const load = (yaml: string, flags: object = {}, env: NodeJS.ProcessEnv = {}) => {
  writeFileSync(file, yaml)
  return loadConfig({ config: file, ...flags }, env)
}
const codeOf = (work: () => unknown): unknown => {
  try {
    work()
    return 'none'
  } catch (error) {
    return (error as { code?: string }).code
  }
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the table of settings', () => {
  it('gives the 30 flags and environment variables that scripts rely on', () => {
    expect(SETTING_ROWS.map(([name, { takes }]) => `${flagOf(name)} ${takes} ${variableOf(name)}`)).toEqual([
      '--data <dir> SFMEDIR_DATA',
      '--roles <list> SFMEDIR_ROLES',
      '--site <name> SFMEDIR_SITE',
      '--listen <list> SFMEDIR_LISTEN',
      '--bootstrap <list> SFMEDIR_BOOTSTRAP',
      '--keys <file> SFMEDIR_KEYS',
      '--roster <file> SFMEDIR_ROSTER',
      '--model <name> SFMEDIR_MODEL',
      '--models <dir> SFMEDIR_MODELS',
      '--bits <n> SFMEDIR_BITS',
      '--cipher <name> SFMEDIR_CIPHER',
      '--scheme <name> SFMEDIR_SCHEME',
      '--threshold <r> SFMEDIR_THRESHOLD',
      '--total <s> SFMEDIR_TOTAL',
      '--max-slaves <n> SFMEDIR_MAX_SLAVES',
      '--policy <name> SFMEDIR_POLICY',
      '--placement <name> SFMEDIR_PLACEMENT',
      '--repair-margin <n> SFMEDIR_REPAIR_MARGIN',
      '--repair-after-ms <n> SFMEDIR_REPAIR_AFTER_MS',
      '--repair-bytes-per-second <n> SFMEDIR_REPAIR_BYTES_PER_SECOND',
      '--owner-quota-bytes <n> SFMEDIR_OWNER_QUOTA_BYTES',
      '--owner-quota-images <n> SFMEDIR_OWNER_QUOTA_IMAGES',
      '--quota-bytes <n> SFMEDIR_QUOTA_BYTES',
      '--trash-days <n> SFMEDIR_TRASH_DAYS',
      '--audit-days <n> SFMEDIR_AUDIT_DAYS',
      '--scrub-days <n> SFMEDIR_SCRUB_DAYS',
      '--max-drops-per-hour <n> SFMEDIR_MAX_DROPS_PER_HOUR',
      '--max-image-bytes <n> SFMEDIR_MAX_IMAGE_BYTES',
      '--metrics <address> SFMEDIR_METRICS',
      '--log <level> SFMEDIR_LOG'
    ])
  })

  it('every fallback is a value that its own schema takes', () => {
    for (const [name, { schema, fallback }] of SETTING_ROWS) {
      if (fallback !== undefined) expect(schema.safeParse(fallback).success, name).toBe(true)
    }
  })

  it('every row is an option of a verb, told with its variable', () => {
    const options = withSettings(new Command()).options
    for (const [name] of SETTING_ROWS) {
      const option = options.find(each => each.attributeName() === name)
      expect(option?.long).toBe(flagOf(name))
      expect(option?.description).toContain(`(${variableOf(name)})`)
    }
  })
})

describe('loadConfig', () => {
  it('a flag wins over the environment, that over the file, that over the fallback', () => {
    const env = { SFMEDIR_MAX_SLAVES: '7', SFMEDIR_BITS: '32' }
    const config = load('maxSlaves: 6\nbits: 64\nsite: a', { maxSlaves: '8' }, env)
    expect(config).toMatchObject({ maxSlaves: 8, bits: 32, site: 'a', cipher: 'qms2', file })
    expect(config.keys).toBeUndefined()
  })

  it('a path is relative to the file that says it, or to where the command runs', () => {
    const config = load('data: ./d\nkeys: k\nmodels: /m', { keys: 'mine' })
    expect(config).toMatchObject({ data: join(folder, 'd'), keys: join(process.cwd(), 'mine'), models: '/m' })
    expect(load('bits: 8').data).toBe(join(folder, 'sfmedir-data'))
  })

  it('a roster stands in the file itself or in another one named there', () => {
    const line = '{ peer: 12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2, site: a, roles: [slave] }'
    writeFileSync(join(folder, 'roster.yaml'), `- ${line}`)
    const here = load(`roster: [${line}]`).members
    expect(here).toMatchObject([{ site: 'a', roles: ['slave'] }])
    expect(load('roster: roster.yaml').members).toEqual(here)
  })

  it('lists come from commas; an unknown field, a wrong value and half a split are CONFIG_INVALID', () => {
    expect(load('', { roles: 'owner, user' }).roles).toEqual(['owner', 'user'])
    expect(codeOf(() => load('dta: x'))).toBe('CONFIG_INVALID')
    expect(codeOf(() => load('', { roles: 'doctor' }))).toBe('CONFIG_INVALID')
    expect(codeOf(() => load('', {}, { SFMEDIR_BITS: 'many' }))).toBe('CONFIG_INVALID')
    expect(codeOf(() => load('threshold: 2'))).toBe('CONFIG_INVALID')
  })
})
