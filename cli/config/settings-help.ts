import { flagOf, variableOf } from './setting.ts'
import { SETTING_ROWS } from './settings.ts'

/** Every setting with its flag, variable, meaning and fallback, for people. */
export function settingsHelp(): string[] {
  const rows = SETTING_ROWS.map(([name, { takes, help, fallback }]) => ({
    flag: `${flagOf(name)} ${takes}`,
    name,
    variable: variableOf(name),
    help: fallback === undefined || `${fallback}` === '' ? help : `${help} (default: ${fallback})`
  }))
  const flags = Math.max(...rows.map(({ flag }) => flag.length))
  const variables = Math.max(...rows.map(({ variable }) => variable.length))
  return [
    'Settings of a peer: a flag of any verb of the network wins over the variable, that over the same name in sfmedir.yaml,',
    'which is looked for where the command runs (--config FILE or SFMEDIR_CONFIG names another). In the file a name is',
    `written as ${rows.at(-2)?.name ?? ''}. "sfmedir config print" shows what is in force.`,
    '',
    ...rows.map(({ flag, variable, help }) => `  ${flag.padEnd(flags)}  ${variable.padEnd(variables)}  ${help}`)
  ]
}
