import { allVerbs, type Verb } from './command-tree.ts'

/** Completion of verbs, flags and their choices for bash; what is none of these is completed as a file. */
export function bashCompletion(program: Verb): string {
  const verbs = allVerbs(program)
  const below = verbs.slice(1).map(({ path }) => `/${path.join('/')}`)
  const choices = verbs.flatMap(({ path, flags }) =>
    flags
      .filter(flag => flag.choices.length > 0)
      .map(
        ({ long, choices }) =>
          `    "${at(path)} ${long}") COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$cur")); return ;;`
      )
  )
  const taking = verbs.flatMap(({ path, flags }) =>
    flags.filter(({ takes, choices }) => takes && choices.length === 0).map(({ long }) => `"${at(path)} ${long}"`)
  )
  const words = verbs.map(({ path, flags, verbs }) => {
    const each = [...verbs.map(({ name }) => name), ...flags.map(({ long }) => long)]
    return `    "${at(path)}") words="${each.join(' ')}" ;;`
  })
  return `# bash completion of ${program.name}: source <(${program.name} completion bash)
_${program.name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at="" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at/\${COMP_WORDS[i]}" in
      ${below.join(' | ')}) at="$at/\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at \${COMP_WORDS[COMP_CWORD - 1]}" in
${choices.join('\n')}
    ${taking.join(' | ')}) return ;;
  esac
  case "$at" in
${words.join('\n')}
  esac
  case "$at/$cur" in
    */-* | ${verbs
      .filter(({ verbs }) => verbs.length > 0)
      .map(({ path }) => `"${at(path)}/"*`)
      .join(' | ')})
      COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  esac
}
complete -o default -F _${program.name} ${program.name}
`
}

function at(path: readonly string[]): string {
  return path.map(name => `/${name}`).join('')
}
