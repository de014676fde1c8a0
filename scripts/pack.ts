// Packs the built project (npm run build) for `npm install -g FILE`: one tarball for every role, one for masters and
// slaves alone. node scripts/pack.ts [FOLDER]   (default: .cache/packages)
import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PACKAGE_KINDS } from './packing/package-kinds.ts'
import { stagePackage } from './packing/stage-package.ts'
import { ROOT } from './sources/sources.ts'

const folder = resolve(process.argv[2] ?? join(ROOT, '.cache/packages'))
mkdirSync(folder, { recursive: true })
for (const kind of PACKAGE_KINDS) {
  const stage = join(folder, `stage-${kind.file}`)
  const version = stagePackage(kind, { root: ROOT, stage })
  execFileSync('npm', ['pack', '--silent'], { cwd: stage, stdio: ['ignore', 'ignore', 'inherit'] })
  const path = join(folder, `${kind.file}-${version}.tgz`)
  renameSync(join(stage, `sfmedir-${version}.tgz`), path) // npm names it by the package
  rmSync(stage, { recursive: true })
  console.log(`${path}  ${(statSync(path).size / 1e6).toFixed(1)} MB  ${kind.description}`)
}
