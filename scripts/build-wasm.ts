// Compiles every AssemblyScript source `<name>.as.ts` to `<name>.wasm` beside it, with the parts `<part>.part.as.ts` that it
// imports; skips what is newer than all sources of its folder.
import { globSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const modified = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

const sources = globSync('{crypto,hashing,storage,indexing,models,sim}/**/*.as.ts', { cwd: root })
const stale = sources.filter(source => {
  const target = source.replace(/\.as\.ts$/, '.wasm')
  const beside = sources.filter(other => dirname(other) === dirname(source))
  return (
    !source.endsWith('.part.as.ts') && beside.some(other => modified(join(root, target)) < modified(join(root, other)))
  )
})

if (stale.length > 0) {
  const { main } = await import('assemblyscript/asc')
  for (const source of stale) {
    const target = source.replace(/\.as\.ts$/, '.wasm')
    const fresh = `.cache/wasm-${process.pid}.wasm`
    mkdirSync(join(root, '.cache'), { recursive: true })
    const features = ['simd', 'bulk-memory', 'nontrapping-f2i', 'sign-extension'].flatMap(name => ['--enable', name])
    const options = [
      source,
      '--baseDir',
      root,
      '--outFile',
      fresh,
      '-O3',
      '--runtime',
      'stub',
      '--noAssert',
      ...features
    ]
    const { error, stderr } = await main(options)
    if (error !== null) {
      console.error(stderr.toString())
      process.exit(1)
    }
    renameSync(join(root, fresh), join(root, target))
    console.error(`built ${target}`)
  }
}
