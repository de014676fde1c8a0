// Compiles every AssemblyScript source `<name>.as.ts` to `<name>.wasm` beside it, with the parts `<part>.part.as.ts` that it
// imports; skips what is newer than all sources of its folder.
import { mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT, sourceFiles, wasmSources } from './sources/sources.ts'

const modified = (path: string): number => statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0

const all = sourceFiles(ROOT).filter(file => file.endsWith('.as.ts'))
const stale = wasmSources(ROOT).filter(source => {
  const made = modified(source.replace(/\.as\.ts$/, '.wasm'))
  return all.some(other => dirname(other) === dirname(source) && made < modified(other))
})

if (stale.length > 0) {
  const { main } = await import('assemblyscript/asc')
  for (const source of stale) {
    const target = source.replace(/\.as\.ts$/, '.wasm')
    const fresh = `.cache/wasm-${process.pid}.wasm`
    mkdirSync(join(ROOT, '.cache'), { recursive: true })
    const features = ['simd', 'bulk-memory', 'nontrapping-f2i', 'sign-extension'].flatMap(name => ['--enable', name])
    const options = [
      source,
      '--baseDir',
      ROOT,
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
    renameSync(join(ROOT, fresh), join(ROOT, target))
    console.error(`built ${target}`)
  }
}
