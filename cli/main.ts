#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import * as config from './config.ts'
import * as remove from './delete.ts'
import * as demo from './demo.ts'
import * as fetch from './fetch.ts'
import * as init from './init.ts'
import * as keys from './keys.ts'
import * as run from './run.ts'
import { runVerb } from './run-verb.ts'
import * as search from './search.ts'
import * as status from './status.ts'
import * as store from './store.ts'

const program = new Command('sfmedir')
  .description('Hospitals store encrypted medical images together, lose none, and find the most similar ones.')
  .version(packageVersion())
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed, 2 called wrongly. SFMEDIR_DEBUG=1 prints the stack of a failure.'
  )
  .exitOverride()

for (const verb of [demo, init, run, store, search, fetch, remove, status, keys, config]) verb.register(program)
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
