import { allVerbs, type Flag, type Verb } from './command-tree.ts'

/** What a manual says beside what the program knows of itself. */
export interface ManualInit {
  readonly version: string
  /** Exit codes, variables: lines of text. */
  readonly notes: readonly string[]
}

/** The manual of a program as `man` reads it, section 1: every verb with its flags, and once the settings that many take. */
export function manualPage(program: Verb, { version, notes }: ManualInit): string {
  const verbs = allVerbs(program).filter(({ path, verbs }) => path.length > 0 && verbs.length === 0)
  const settings = allVerbs(program)
    .map(({ flags }) => flags.filter(({ isSetting }) => isSetting))
    .reduce((longest, flags) => (flags.length > longest.length ? flags : longest), [])
  return [
    `.TH ${program.name.toUpperCase()} 1 "" "${program.name} ${version}"`,
    '.SH NAME',
    `${program.name} \\- ${text(program.help)}`,
    '.SH SYNOPSIS',
    `.B ${program.name}`,
    '.I verb',
    '[flags]',
    '.SH VERBS',
    ...verbs.flatMap(verb => [
      '.TP',
      `.B ${text([program.name, ...verb.path].join(' '))} ${text(verb.takes)}`.trimEnd(),
      text(verb.help) || text(verb.name),
      ...flagLines(verb.flags.filter(({ isSetting }) => !isSetting))
    ]),
    '.SH SETTINGS',
    'A flag wins over the variable in brackets, that over the file.',
    ...settings.flatMap(flag => ['.TP', flagHead(flag), text(flag.help)]),
    '.SH NOTES',
    ...notes.flatMap((note, at) => (at === 0 ? [text(note)] : ['.br', text(note)])),
    ''
  ].join('\n')
}

function flagLines(flags: readonly Flag[]): string[] {
  if (flags.length === 0) return []
  const lines = flags.flatMap(flag => {
    const fallback = flag.fallback === '' ? '' : ` (default: ${flag.fallback})`
    const choices = flag.choices.length === 0 ? '' : ` (${flag.choices.join(', ')})`
    return ['.TP', flagHead(flag), text(`${flag.help}${choices}${fallback}`) || '.']
  })
  return ['.RS', ...lines, '.RE']
}

function flagHead({ long, takes }: Flag): string {
  return `.B ${text(long)}${takes === undefined ? '' : ` ${text(takes)}`}`
}

/** Text as roff takes it: nothing in it is a command. */
function text(plain: string): string {
  const escaped = plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/\s*\n\s*/g, ' ')
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped
}
