import { disperseScheme } from './disperse/disperse-scheme.ts'
import type { ShadowScheme } from './shadow-scheme.ts'
import { baiScheme } from './shadows/bai-scheme.ts'

const SCHEMES: ReadonlyMap<string, () => ShadowScheme> = new Map([
  ['bai', () => baiScheme()],
  ['disperse', () => disperseScheme()]
])

/** The names that {@link schemeNamed} knows, the paper's scheme first. */
export const SCHEME_NAMES: readonly string[] = Object.freeze([...SCHEMES.keys()])

/** The scheme with this name, at its defaults. @throws RangeError when there is none */
export function schemeNamed(name: string): ShadowScheme {
  const scheme = SCHEMES.get(name)
  if (scheme === undefined) throw new RangeError(`scheme must be one of ${SCHEME_NAMES.join(', ')}`)
  return scheme()
}
