import { NetError } from '../../base/errors.ts'
import type { ShadowScheme } from '../../crypto/shadow-scheme.ts'
import type { MasterPorts } from './master-ports.ts'

/** The shadow scheme of this name, as a record has it. @throws NetError `MESSAGE_INVALID` when this master does not know it */
export function schemeOf(
  name: string,
  { scheme, schemeNamed }: Pick<MasterPorts, 'scheme' | 'schemeNamed'>
): ShadowScheme {
  if (name === scheme.name) return scheme
  if (schemeNamed !== undefined) return schemeNamed(name)
  throw new NetError('MESSAGE_INVALID', `this master does not know the shadow scheme ${name}`)
}
