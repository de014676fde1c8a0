// Compiles every ```ts block of the pages against the project's own sources, so that examples cannot rot.
import { checkExamples } from './docs/check-examples.ts'
import { report, ROOT } from './sources/sources.ts'

report(checkExamples(ROOT))
