import { readFileSync } from 'node:fs'

/** The version in the package's own file: two folders above this one in the sources, three above in `dist/`. */
export function packageVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
      if (name === 'sfmedir') return version
    } catch {
      // not there: one folder further up
    }
  }
  return 'unknown'
}
