import type { z } from 'zod'

/** One setting: all that flag, environment variable, `sfmedir.yaml`, `config print` and help are made from. */
export interface Setting<T, F extends T | undefined = T | undefined> {
  /** Which values there are. */
  readonly schema: z.ZodType<T>
  /** What the flag takes, as the help names it: `<dir>`. */
  readonly takes: string
  /** What it means, for people. */
  readonly help: string
  /** The value that a flag's or variable's text stands for, unchecked. */
  readonly read: (text: string) => unknown
  /** What it is when nobody says it; undefined for a setting that may be missing. */
  readonly fallback: F
  /** Whether its text names a file or folder: relative to the file that says it, or to where the command runs. */
  readonly isPath: boolean
}

/** What a row says of a setting beside its schema: text, not a path and without a fallback unless told otherwise. */
export interface SettingInit<T> extends Pick<Setting<T>, 'takes' | 'help'> {
  readonly read?: Setting<T>['read']
  readonly isPath?: boolean
  readonly fallback?: NoInfer<T>
}

/** A {@link Setting} that is never missing. */
export function setting<T>(
  schema: z.ZodType<T>,
  init: SettingInit<T> & { readonly fallback: NoInfer<T> }
): Setting<T, T>
/** A {@link Setting} that may be missing. */
export function setting<T>(schema: z.ZodType<T>, init: SettingInit<T>): Setting<T, undefined>
export function setting<T>(schema: z.ZodType<T>, init: SettingInit<T>): Setting<T> {
  return Object.freeze({ read: text => text, isPath: false, fallback: undefined, ...init, schema })
}

/** The flag of a setting: `maxSlaves` is `--max-slaves`. */
export function flagOf(name: string): string {
  return `--${words(name).join('-')}`
}

/** The environment variable of a setting: `maxSlaves` is `SFMEDIR_MAX_SLAVES`. */
export function variableOf(name: string): string {
  return ['SFMEDIR', ...words(name)].join('_').toUpperCase()
}

function words(name: string): string[] {
  return name.split(/(?=[A-Z])/).map(word => word.toLowerCase())
}
