import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { parse } from 'yaml'
import { z } from 'zod'
import { NetError, systemCode } from '../../base/errors.ts'
import { peerId, site } from '../../base/ids.ts'
import type { Member, Role } from '../../base/roles.ts'
import { memberSchema, SETTING_SOURCES, type Settings, settingsSchema } from './settings.ts'

const MIB = 1024 * 1024

/** Everything a verb needs to know of its peer: file, environment and flags put together, paths made absolute. */
export interface Config {
  /** The file that was read, or undefined when there was none. */
  readonly file: string | undefined
  readonly data: string
  readonly roles: readonly Role[]
  readonly site: string
  readonly listen: readonly string[]
  readonly bootstrap: readonly string[]
  readonly keys: string | undefined
  readonly members: readonly Member[]
  readonly model: string | undefined
  readonly models: string | undefined
  readonly bits: number
  readonly cipher: string
  readonly scheme: string
  readonly threshold: number | undefined
  readonly total: number | undefined
  readonly maxSlaves: number
  readonly quotaBytes: number
  readonly maxImageBytes: number
  readonly log: NonNullable<Settings['log']>
}

type Defaults = Omit<Config, 'file' | 'keys' | 'members' | 'model' | 'models' | 'threshold' | 'total'>

/** What a setting is when nobody says it. */
export const CONFIG_DEFAULTS = Object.freeze<Defaults>({
  data: './sfmedir-data',
  roles: ['slave'],
  site: 'here',
  listen: ['/ip4/0.0.0.0/tcp/4001'],
  bootstrap: [],
  bits: 16, // the paper's best length (its Tables 5 to 7)
  cipher: 'qms2',
  scheme: 'bai',
  maxSlaves: 10, // SCS_max of the paper's Table 13
  quotaBytes: 64 * 1024 * MIB,
  maxImageBytes: 128 * MIB,
  log: 'warn'
})

/** Add `--config` and every setting's flag to a verb. */
export function withSettings(command: Command): Command {
  command.option('--config <file>', 'configuration file (SFMEDIR_CONFIG; default ./sfmedir.yaml when it exists)')
  for (const { flag, help, env } of SETTING_SOURCES) command.option(flag, `${help} (${env})`)
  return command
}

/**
 * The configuration of this call: flag over environment over file over default.
 * @throws NetError `CONFIG_INVALID` naming the field, `FILE_UNREADABLE`
 */
export function loadConfig(flags: Record<string, unknown>, env: NodeJS.ProcessEnv = process.env): Config {
  const named = (flags.config as string | undefined) ?? env.SFMEDIR_CONFIG // commander gives strings
  const file = resolve(named ?? 'sfmedir.yaml')
  const read = readYaml(file, { optional: named === undefined })
  const base = read === undefined ? process.cwd() : dirname(file)
  const fromFile = read === undefined ? {} : checked(settingsSchema, read, file)
  const said = given(flags, env)
  const { roster, data, keys, models, ...rest } = { ...CONFIG_DEFAULTS, ...fromFile, ...said }
  if ((rest.threshold === undefined) !== (rest.total === undefined)) {
    throw new NetError('CONFIG_INVALID', 'threshold and total are given together or not at all')
  }
  // a path in the file is relative to the file, one on the command line to where the command runs
  const path = (name: keyof Settings, value: string): string => resolve(name in said ? process.cwd() : base, value)
  return {
    model: undefined,
    threshold: undefined,
    total: undefined,
    ...rest,
    data: path('data', data),
    keys: keys === undefined ? undefined : path('keys', keys),
    models: models === undefined ? undefined : path('models', models),
    members: readMembers(typeof roster === 'string' ? path('roster', roster) : roster),
    file: read === undefined ? undefined : file
  }
}

function given(flags: Record<string, unknown>, env: NodeJS.ProcessEnv): Settings {
  const said: Record<string, unknown> = {}
  for (const { name, env: variable, flag, parse: read } of SETTING_SOURCES) {
    const text = flags[name] ?? env[variable]
    if (typeof text !== 'string') continue
    said[name] = read(text)
    checked(settingsSchema, { [name]: said[name] }, flags[name] === undefined ? variable : flag.split(' ')[0])
  }
  return settingsSchema.parse(said)
}

function readMembers(roster: string | Settings['roster']): Member[] {
  if (roster === undefined) return []
  const list = typeof roster === 'string' ? checked(z.array(memberSchema), readYaml(roster), roster) : roster
  return list.map(({ peer, site: place, roles }) => ({ peer: peerId(peer), site: site(place), roles }))
}

function readYaml(file: string, { optional = false } = {}): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    if (optional && systemCode(cause) === 'ENOENT') return undefined
    throw new NetError('FILE_UNREADABLE', `${file} cannot be read: ${(cause as Error).message}`, { cause })
  }
  try {
    return parse(text) ?? {}
  } catch (cause) {
    throw new NetError('CONFIG_INVALID', `${file} is not YAML: ${(cause as Error).message.split('\n')[0]}`, { cause })
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]
  throw new NetError('CONFIG_INVALID', `${where}: ${path.join('.')}${path.length > 0 ? ': ' : ''}${message}`)
}
