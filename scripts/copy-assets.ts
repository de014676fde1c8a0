// After tsc: copies what is not TypeScript (WASM) to the same place under dist/.
import { copyFileSync, globSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
for (const path of globSync('{crypto,hashing,storage,indexing,models,sim}/**/*.wasm', { cwd: root })) {
  mkdirSync(dirname(join(root, 'dist', path)), { recursive: true })
  copyFileSync(join(root, path), join(root, 'dist', path))
}
