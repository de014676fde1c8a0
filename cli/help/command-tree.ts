import type { Command, Option } from 'commander'

/** A flag of a verb. */
export interface Flag {
  /** `--label`. */
  readonly long: string
  readonly help: string
  /** How the help names what it takes (`<text...>`); undefined for a flag that takes nothing. */
  readonly takes: string | undefined
  /** All that it may be given, when that is a closed list. */
  readonly choices: readonly string[]
  /** What is in force without it, for people; empty when nothing is. */
  readonly fallback: string
  /** One that every verb of the network takes: told once, by `help settings`. */
  readonly isSetting: boolean
}

/** A verb of the program, or the program itself, with the verbs below it. */
export interface Verb {
  readonly name: string
  /** From the first verb down to this one: `sim paper`. */
  readonly path: readonly string[]
  readonly help: string
  /** What stands behind it: `<path...>`. */
  readonly takes: string
  readonly flags: readonly Flag[]
  readonly verbs: readonly Verb[]
}

/** The program and all its verbs, as commander has them: completion and the manual are made from this. */
export function verbTree(program: Command, path: readonly string[] = []): Verb {
  const { commands, options, registeredArguments } = program
  const takes = registeredArguments.map(argument => {
    const inside = `${argument.name()}${argument.variadic ? '...' : ''}`
    return argument.required ? `<${inside}>` : `[${inside}]`
  })
  return {
    name: program.name(),
    path,
    help: program.description(),
    takes: takes.join(' '),
    flags: options.map(flagOf),
    verbs: commands.map(command => verbTree(command, [...path, command.name()]))
  }
}

/** A tree as a list, the program first. */
export function allVerbs(verb: Verb): Verb[] {
  return [verb, ...verb.verbs.flatMap(allVerbs)]
}

function flagOf(option: Option): Flag {
  const { long, flags, description, argChoices, defaultValue, defaultValueDescription, hidden } = option
  const takes = /[<[].*[>\]]/.exec(flags)?.[0]
  const shown = defaultValueDescription ?? (typeof defaultValue === 'object' ? '' : String(defaultValue ?? ''))
  return {
    long: long ?? flags,
    help: description,
    takes,
    choices: argChoices ?? [],
    fallback: defaultValue === false ? '' : shown,
    isSetting: hidden
  }
}
