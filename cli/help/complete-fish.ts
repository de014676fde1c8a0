import { allVerbs, type Verb } from './command-tree.ts'

/** Completion of verbs, flags and their choices for fish; what is none of these is completed as a file. */
export function fishCompletion(program: Verb): string {
  const lines = allVerbs(program).flatMap(({ path, flags, verbs }) => {
    const here = [
      ...path.map(name => `__fish_seen_subcommand_from ${name}`),
      ...(verbs.length > 0 ? [`not __fish_seen_subcommand_from ${verbs.map(({ name }) => name).join(' ')}`] : [])
    ].join('; and ')
    const given = `complete -c ${program.name}${here === '' ? '' : ` -n ${quoted(here)}`}`
    return [
      ...verbs.map(({ name, help }) => `${given} -f -a ${name} -d ${quoted(help)}`),
      ...flags.map(({ long, help, takes, choices }) => {
        const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takes === undefined ? '' : ' -r'
        return `${given} -l ${long.replace(/^--/, '')}${value} -d ${quoted(help)}`
      })
    ]
  })
  return `# fish completion of ${program.name}: ${program.name} completion fish | source\n${lines.join('\n')}\n`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
