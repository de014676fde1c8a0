import type { Command } from 'commander'
import { HELP_NOTES } from './console/help-notes.ts'
import { missingPackage } from './console/missing-package.ts'
import { packageVersion } from './console/package-version.ts'
import { createProgram, runVerb } from './console/run-verb.ts'

/** Only the verb that is called is loaded: a slave need not load what trains models. All are, for the help. */
const VERBS: Readonly<Record<string, () => Promise<{ register(program: Command): void }>>> = {
  demo: () => import('./verbs/demo.ts'),
  init: () => import('./verbs/init.ts'),
  run: () => import('./verbs/run.ts'),
  store: () => import('./verbs/store.ts'),
  search: () => import('./verbs/search.ts'),
  list: () => import('./verbs/list.ts'),
  show: () => import('./verbs/show.ts'),
  fetch: () => import('./verbs/fetch.ts'),
  delete: () => import('./verbs/delete.ts'),
  status: () => import('./verbs/status.ts'),
  verify: () => import('./verbs/verify.ts'),
  drain: () => import('./verbs/drain.ts'),
  'rebuild-index': () => import('./verbs/rebuild-index.ts'),
  trash: () => import('./verbs/trash.ts'),
  backup: () => import('./verbs/backup.ts'),
  restore: () => import('./verbs/restore.ts'),
  keys: () => import('./verbs/keys.ts'),
  config: () => import('./verbs/config.ts'),
  train: () => import('./verbs/train.ts'),
  evaluate: () => import('./verbs/evaluate.ts'),
  attack: () => import('./verbs/attack.ts'),
  completion: () => import('./verbs/completion.ts'),
  help: () => import('./verbs/help.ts'),
  sim: () => import('./verbs/sim.ts')
}

/** Those that tell of all others. */
const OF_ALL = ['help', 'completion']

const program = createProgram()
  .description('Hospitals store encrypted medical images together, lose none, and find the most similar ones.')
  .version(packageVersion())
  .addHelpText('after', ['', ...HELP_NOTES].join('\n'))

const called = process.argv[2]
for (const name of Object.hasOwn(VERBS, called) && !OF_ALL.includes(called) ? [called] : Object.keys(VERBS)) {
  try {
    ;(await VERBS[name]()).register(program)
  } catch (error) {
    const missing = missingPackage(error)
    if (missing === undefined) throw error
    const fail = (): never => {
      throw missing
    }
    program
      .command(name)
      .description('(needs the full package)')
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(fail)
  }
}
process.exitCode = await runVerb(program, process.argv)
