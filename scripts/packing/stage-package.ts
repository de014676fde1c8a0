import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type PackageKind, RUNTIME } from './package-kinds.ts'

/** The fields of a package.json that are read or written here. */
interface Manifest {
  name: string
  version: string
  dependencies: Record<string, string>
  devDependencies?: Record<string, string>
  scripts?: Record<string, string>
  allowScripts?: Record<string, boolean>
  bundleDependencies?: string[]
}

// Binaries for the machines that hospitals run peers on. Elsewhere an owner installs the runtime itself.
const RUNTIME_PLATFORMS = ['linux/x64', 'linux/arm64']
const RUNTIME_BINARIES = 'bin/napi-v6'

/**
 * Lay out in `stage` what a package of `kind` holds, from the built project in `root`: then `npm pack` there makes the
 * tarball. Returns its version.
 */
export function stagePackage(kind: PackageKind, { root, stage }: { root: string; stage: string }): string {
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(stage, { recursive: true })
  const { scripts: _scripts, devDependencies: _dev, allowScripts: _allowed, ...manifest } = readManifest(root)
  for (const name of [...kind.without, ...(kind.hashes ? [] : [RUNTIME])]) delete manifest.dependencies[name]
  if (kind.hashes) manifest.bundleDependencies = stageRuntime(root, stage)
  writeManifest(stage, manifest)
  const weights = kind.hashes ? ['models/weights/*.onnx', 'models/weights/manifest.json'] : []
  for (const path of globSync(['dist', 'docs', 'README.md', 'LICENSE', 'CHANGELOG.md', ...weights], { cwd: root })) {
    copy(root, stage, path)
  }
  return manifest.version
}

/** The ONNX runtime and what it needs at run time, without its install script and without other platforms' binaries. */
function stageRuntime(root: string, stage: string): string[] {
  const path = join('node_modules', RUNTIME)
  const { scripts: _scripts, devDependencies: _dev, ...manifest } = readManifest(join(root, path))
  const common = 'onnxruntime-common' // the rest of its dependencies serves its install script alone
  manifest.dependencies = { [common]: manifest.dependencies[common] }
  copy(root, stage, join(path, 'dist'))
  for (const platform of RUNTIME_PLATFORMS) copy(root, stage, join(path, RUNTIME_BINARIES, platform))
  writeManifest(join(stage, path), manifest)
  copy(root, stage, join('node_modules', common))
  return [RUNTIME, common]
}

function copy(root: string, stage: string, path: string): void {
  mkdirSync(dirname(join(stage, path)), { recursive: true })
  cpSync(join(root, path), join(stage, path), { recursive: true })
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

function writeManifest(folder: string, manifest: Manifest): void {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}
