/** What an option can hold. */
type Value = string | number | readonly (string | number | readonly number[])[]

/**
 * The command line that makes a run again: the verb, its engine and seed, and every other option that is not the default.
 * `options` are the names of the configuration that have an option of the same name.
 */
export function commandLine<T extends object>(
  verb: string,
  { config, defaults, options }: { config: T; defaults: T; options: readonly (keyof T & string)[] }
): string {
  const said = options.filter(name => name === 'engine' || name === 'seed' || differ(config[name], defaults[name]))
  return [
    'sfmedir',
    'sim',
    verb,
    ...said.map(name => `--${dashed(name)} ${quoted(written(config[name] as Value))}`)
  ].join(' ')
}

function differ(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other)
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}

/** Lists with commas, pairs with a stroke: 2/3,6/10. */
function written(value: Value): string {
  if (!Array.isArray(value)) return String(value)
  return value.map(one => (Array.isArray(one) ? one.join('/') : one)).join(',')
}

/** As a shell reads it. */
function quoted(text: string): string {
  return /^[\w.,:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
