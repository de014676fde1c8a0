import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { readLayers, ROOT } from './layers.ts'

/** One file importing another, paths from the project's folder. */
export interface Import {
  readonly file: string
  readonly target: string
}

// `from '…'`, `import '…'`, `import('…')`, `new URL('…', import.meta.url)`, with quotes or as a template
const IMPORT =
  /(?:\bfrom|\bimport)\s*\(?\s*(['"`])(\.[^'"`]+)\1|\bnew URL\(\s*(['"`])(\.[^'"`]+)\3\s*,\s*import\.meta\.url/g
const COMMENT = /^\s*(?:\/\/|\*|\/\*).*$/gm

/** The relative imports of a source text; what a template leaves open ends at its first `${`. */
export function importsOf(source: string): string[] {
  const found = source.replace(COMMENT, '').matchAll(IMPORT)
  return [...found].map(match => (match[2] ?? match[4]).split('${')[0]).filter(path => !path.endsWith('/'))
}

/** Every relative import between the sources that `layers.json` covers, AssemblyScript too. */
export function readImports(): Import[] {
  const rooms = new Set(Object.keys(readLayers().grants).map(folder => folder.split('/')[0]))
  const files = globSync(`{${[...rooms].join(',')}}/**/*.ts`, { cwd: ROOT })
  return files.sort().flatMap(file => {
    const source = readFileSync(join(ROOT, file), 'utf8')
    return importsOf(source).map(path => ({ file, target: normalize(join(dirname(file), path)) }))
  })
}
