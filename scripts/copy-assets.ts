// After tsc: copies what is not TypeScript (WASM) to the same place under dist/.
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT, wasmSources } from './sources/sources.ts'

for (const source of wasmSources(ROOT)) {
  const path = source.replace(/\.as\.ts$/, '.wasm')
  mkdirSync(dirname(join(ROOT, 'dist', path)), { recursive: true })
  copyFileSync(join(ROOT, path), join(ROOT, 'dist', path))
}
