#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { createProgram, runVerb } from './run-verb.ts'

/** Only the verb that is called is loaded: a slave need not load what trains models. All are, for the help. */
const VERBS: Readonly<Record<string, () => Promise<{ register(program: Command): void }>>> = {
  demo: () => import('./demo.ts'),
  init: () => import('./init.ts'),
  run: () => import('./run.ts'),
  store: () => import('./store.ts'),
  search: () => import('./search.ts'),
  fetch: () => import('./fetch.ts'),
  delete: () => import('./delete.ts'),
  status: () => import('./status.ts'),
  keys: () => import('./keys.ts'),
  config: () => import('./config.ts'),
  train: () => import('./train.ts'),
  evaluate: () => import('./evaluate.ts'),
  attack: () => import('./attack.ts'),
  sim: () => import('./sim.ts')
}

const program = createProgram()
  .description('Hospitals store encrypted medical images together, lose none, and find the most similar ones.')
  .version(packageVersion())
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed, 2 called wrongly. SFMEDIR_DEBUG=1 prints the stack of a failure.'
  )

const called = process.argv[2]
for (const name of Object.hasOwn(VERBS, called) ? [called] : Object.keys(VERBS)) (await VERBS[name]()).register(program)
process.exitCode = await runVerb(program, process.argv)

/** From the package's own file: above `cli/` in the sources, two above in `dist/`. */
function packageVersion(): string {
  for (const up of ['..', '../..']) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(import.meta.dirname, up, 'package.json'), 'utf8'))
      if (name === 'sfmedir') return version
    } catch {
      // not there: one folder further up
    }
  }
  return 'unknown'
}
