// Writes the report of each shipped model to models/reports/NAME: clean queries at every code length, by class, with the
// paper's cells and curves. node scripts/write-model-reports.ts DATA [NAME...]    (DATA holds t-mri, a-mri and k-ct)
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { readManifest, shippedModels } from '../hashing/manifest.ts'

const ROOT = join(import.meta.dirname, '..')

const [data, ...wanted] = process.argv.slice(2)
for (const { name, dataSets } of (await readManifest(shippedModels())).models) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const sets = (dataSets as readonly string[]).flatMap(set => ['--data', join(data, set)]) // every shipped entry has them
  const report = ['--all-bits', '--held', '--report', join(ROOT, 'models/reports', name)]
  execFileSync(process.execPath, [join(ROOT, 'cli/main.ts'), 'evaluate', ...sets, '--model', name, ...report], {
    stdio: 'inherit'
  })
}
