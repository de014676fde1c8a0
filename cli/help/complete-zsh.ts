import { allVerbs, type Verb } from './command-tree.ts'

/** Completion of verbs, flags and their choices for zsh; what is none of these is completed as a file. */
export function zshCompletion(program: Verb): string {
  const verbs = allVerbs(program)
  const below = verbs.slice(1).map(({ path }) => `/${path.join('/')}`)
  const choices = verbs.flatMap(({ path, flags }) =>
    flags
      .filter(flag => flag.choices.length > 0)
      .map(({ long, choices }) => `    "${at(path)} ${long}") compadd -- ${choices.join(' ')}; return ;;`)
  )
  const taking = verbs.flatMap(({ path, flags }) =>
    flags.filter(({ takes, choices }) => takes && choices.length === 0).map(({ long }) => `"${at(path)} ${long}"`)
  )
  const words = verbs.map(({ path, flags, verbs }) => {
    const names = verbs.map(({ name, help }) => quoted(`${name}:${help}`))
    const longs = flags.map(({ long, help }) => quoted(`${long}:${help}`))
    return `    "${at(path)}") names=(${names.join(' ')}) flags=(${longs.join(' ')}) ;;`
  })
  return `#compdef ${program.name}
# zsh completion of ${program.name}: source <(${program.name} completion zsh), or this as _${program.name} in a folder of $fpath
_${program.name}() {
  local at="" i
  local -a names flags
  for ((i = 2; i < CURRENT; i++)); do
    case "$at/\${words[i]}" in
      ${below.join(' | ')}) at="$at/\${words[i]}" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${choices.join('\n')}
    ${taking.join(' | ')}) _files; return ;;
  esac
  case "$at" in
${words.join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o flag flags
  elif (( \${#names} > 0 )); then
    _describe verb names
  else
    _files
  fi
}
if [ "\${funcstack[1]}" = "_${program.name}" ]; then _${program.name} "$@"; else compdef _${program.name} ${program.name}; fi
`
}

function at(path: readonly string[]): string {
  return path.map(name => `/${name}`).join('')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
