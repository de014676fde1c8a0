// Checks that importing a module of the product has no effect by itself. Programs are left out: they run when imported.
import { checkImports } from './effects/check-imports.ts'
import { report, ROOT, sourceFiles } from './sources/sources.ts'

const WORKSHOP = /^(?:bench|examples|scripts)\//
const PROGRAMS = [
  'cli/entry.ts',
  'cli/main.ts',
  'hashing/hash-worker.ts',
  'hashing/view-program.ts',
  'hashing/view-watchdog.ts',
  'models/workers/training-worker.ts',
  'sim/real/slave-process.ts',
  'sim/soak/soak-worker.ts'
]

const files = sourceFiles(ROOT).filter(
  file => !WORKSHOP.test(file) && !file.endsWith('.as.ts') && !PROGRAMS.includes(file)
)
report(await checkImports(ROOT, files))
