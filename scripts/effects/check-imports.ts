import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const PATIENCE_MS = 120_000

/**
 * What modules do by being imported, and should not: compile WebAssembly, set timers, keep the process alive, print, fail.
 * All are imported in one process of their own.
 */
export async function checkImports(root: string, files: readonly string[]): Promise<string[]> {
  const program = join(import.meta.dirname, 'import-all.ts')
  const child = fork(program, [root, ...files], { silent: true, timeout: PATIENCE_MS })
  let printed = ''
  let effects: string[] | undefined
  child.stdout?.on('data', data => (printed += data))
  child.stderr?.on('data', data => (printed += data))
  child.on('message', message => {
    effects = message as string[] // as import-all.ts sends it
  })
  await once(child, 'close')
  if (effects === undefined) return [`importing the modules failed: ${printed.trim()}`]
  return printed === '' ? effects : [...effects, `printed when imported: ${printed.trim()}`]
}
