import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { parse } from 'yaml'
import type { z } from 'zod'
import { NetError, systemCode } from '../../base/errors.ts'
import { peerId, site } from '../../base/ids.ts'
import type { Member } from '../../base/roles.ts'
import { flagOf, variableOf } from './setting.ts'
import { type InForce, rosterSchema, type Said, SETTING_ROWS, type SettingName, saidSchema } from './settings.ts'

/** Everything a verb needs to know of its peer: file, environment and flags put together, paths made absolute. */
export interface Config extends Omit<InForce, 'roster'> {
  /** The file that was read, or undefined when there was none. */
  readonly file: string | undefined
  /** The roster. */
  readonly members: readonly Member[]
}

/** Add `--config` and every setting's flag to a verb. Its help shows those that it is mostly called with, and says where the others are. */
export function withSettings(command: Command, shown: readonly SettingName[] = []): Command {
  command.option('--config <file>', 'configuration file (SFMEDIR_CONFIG; default ./sfmedir.yaml when it exists)')
  for (const [name, { takes, help }] of SETTING_ROWS) {
    const option = new Option(`${flagOf(name)} ${takes}`, `${help} (${variableOf(name)})`)
    command.addOption(option.hideHelp(!shown.includes(name)))
  }
  return command.addHelpText(
    'after',
    '\nSettings of the peer (--data, --keys, --roster and others): sfmedir help settings'
  )
}

/**
 * The configuration of this call: flag over environment over file over fallback.
 * @throws NetError `CONFIG_INVALID` naming the field, `FILE_UNREADABLE`
 */
export function loadConfig(flags: Record<string, unknown>, env: NodeJS.ProcessEnv = process.env): Config {
  const named = (flags.config as string | undefined) ?? env.SFMEDIR_CONFIG // commander gives strings
  const file = resolve(named ?? 'sfmedir.yaml')
  const read = readYaml(file, { optional: named === undefined })
  const ofFile = read === undefined ? {} : checked(saidSchema, read, file)
  const ofCall = saidBy(flags, env)
  const { roster, ...settings } = inForce([
    { said: ofCall, folder: process.cwd() },
    { said: ofFile, folder: read === undefined ? process.cwd() : dirname(file) }
  ])
  if ((settings.threshold === undefined) !== (settings.total === undefined)) {
    throw new NetError('CONFIG_INVALID', 'threshold and total are given together or not at all')
  }
  return { ...settings, members: readMembers(roster), file: read === undefined ? undefined : file }
}

/** What a source says, and the folder that its paths are relative to. */
interface Source {
  readonly said: Said
  readonly folder: string
}

/** Of each setting what the first source says that says it, else its fallback, which is relative as in the last one. */
function inForce(sources: readonly Source[]): InForce {
  const entries = SETTING_ROWS.map(([name, { fallback, isPath }]) => {
    const { said, folder } = sources.find(({ said }) => said[name] !== undefined) ?? sources[sources.length - 1]
    const value = said[name] ?? fallback
    return [name, isPath && typeof value === 'string' ? resolve(folder, value) : value]
  })
  return Object.fromEntries(entries) as InForce // of each row what its schema or fallback is
}

/** What flags and environment say. */
function saidBy(flags: Record<string, unknown>, env: NodeJS.ProcessEnv): Said {
  const said: Said = {}
  for (const [name, { read }] of SETTING_ROWS) {
    const text = flags[name] ?? env[variableOf(name)]
    if (typeof text !== 'string') continue
    const where = flags[name] === undefined ? variableOf(name) : flagOf(name)
    Object.assign(said, checked(saidSchema, { [name]: read(text) }, where))
  }
  return said
}

function readMembers(roster: InForce['roster']): Member[] {
  if (roster === undefined) return []
  const list = typeof roster === 'string' ? checked(rosterSchema, readYaml(roster), roster) : roster
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
    return parse(text, { logLevel: 'error' }) ?? {} // its warnings would print the file's own text
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
