import { globSync } from 'node:fs'
import { join } from 'node:path'

/** The project's folder. */
export const ROOT = join(import.meta.dirname, '../..')

/** The TypeScript and AssemblyScript files in the rooms of a project, paths from its folder, sorted; tests are no room. */
export function sourceFiles(root: string): string[] {
  const no = (name: string): boolean =>
    name.startsWith('.') || ['node_modules', 'dist', 'coverage', 'test'].includes(name)
  return globSync('*/**/*.ts', { cwd: root, exclude: path => no(path) }).sort()
}

/** The AssemblyScript sources that are compiled, each to a `.wasm` beside it; what is a `.part.as.ts` goes into those. */
export function wasmSources(root: string): string[] {
  return sourceFiles(root).filter(file => /(?<!\.part)\.as\.ts$/.test(file))
}

/** Print what is wrong, each on its line, and let the process fail if anything is. */
export function report(faults: readonly string[]): void {
  for (const fault of faults) console.error(fault)
  if (faults.length > 0) process.exitCode = 1
}
