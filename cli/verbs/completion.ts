import { Argument, type Command } from 'commander'
import { type Verb, verbTree } from '../help/command-tree.ts'
import { bashCompletion } from '../help/complete-bash.ts'
import { fishCompletion } from '../help/complete-fish.ts'
import { zshCompletion } from '../help/complete-zsh.ts'

const SHELLS: Readonly<Record<string, (program: Verb) => string>> = Object.freeze({
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion
})

/** `sfmedir completion SHELL`: a script that completes verbs, flags and their choices. */
export function register(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SHELLS)))
    .description(
      'print a completion script: source <(sfmedir completion bash), likewise zsh; sfmedir completion fish | source'
    )
    .action((shell: string) => {
      process.stdout.write(SHELLS[shell](verbTree(program)))
    })
}
