// Writes the report of each shipped model to models/reports/NAME: queries at every code length, by class, with the
// paper's cells and curves; for a model of one set, as in the paper, also under targeted PGD-100 at 8/255 (minutes each).
// node scripts/write-model-reports.ts DATA [NAME...]    (DATA holds t-mri, a-mri and k-ct)
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { readManifest, shippedModels } from '../hashing/manifest.ts'

const ROOT = join(import.meta.dirname, '..')

const [data, ...wanted] = process.argv.slice(2)
for (const { name, dataSets } of (await readManifest(shippedModels())).models) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const sets = dataSets as readonly string[] // every shipped entry has them
  const images = sets.flatMap(set => ['--data', join(data, set)])
  const report = ['--all-bits', '--held', '--workers', '2', '--report', join(ROOT, 'models/reports', name)]
  const attack = sets.length === 1 ? ['--attack', 'targeted', '--epsilon', '8/255'] : []
  const words = ['evaluate', ...images, '--model', name, ...report, ...attack]
  execFileSync(process.execPath, [join(ROOT, 'cli/main.ts'), ...words], { stdio: 'inherit' })
}
