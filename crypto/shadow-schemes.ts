import { NetError } from '../base/errors.ts'
import { disperseScheme } from './disperse/disperse-scheme.ts'
import type { ShadowScheme } from './shadow-scheme.ts'
import { baiScheme } from './shadows/bai-scheme.ts'

/** Every shadow scheme there is, at its defaults; the first one is the paper's and the default. */
export const SHADOW_SCHEMES: readonly ShadowScheme[] = Object.freeze([baiScheme(), disperseScheme()])

/** The scheme of this name. @throws NetError `CONFIG_INVALID` when there is none */
export function schemeNamed(name: string): ShadowScheme {
  const scheme = SHADOW_SCHEMES.find(known => known.name === name)
  if (scheme) return scheme
  const names = SHADOW_SCHEMES.map(known => known.name).join(', ')
  throw new NetError('CONFIG_INVALID', `no shadow scheme has that name; there are ${names}`)
}
