// Checks that a run of the tests skipped nothing that it need not: `node scripts/check-skips.ts REPORT.json`, as vitest's
// json reporter writes it. Where the image data is not beside the project, more is skipped and nothing is checked.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkSkips } from './ci/check-skips.ts'
import { report, ROOT } from './sources/sources.ts'

const data = join(ROOT, '../shared/data')
if (existsSync(data)) report(checkSkips(JSON.parse(readFileSync(process.argv[2], 'utf8'))))
else console.error(`${data} is not there: skipped tests are not judged`)
