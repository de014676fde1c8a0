import { asError, NetError, systemCode } from '../../base/errors.ts'

/**
 * What to tell of an import that failed because the installed package is the one for masters and slaves alone, which has
 * no decoders and no ONNX runtime; undefined for every other failure.
 */
export function missingPackage(error: unknown): NetError | undefined {
  if (systemCode(error) !== 'ERR_MODULE_NOT_FOUND') return undefined
  const [, name] = /Cannot find package '([^']+)'/.exec(asError(error).message) ?? []
  if (name === undefined) return undefined
  return new NetError(
    'CONFIG_INVALID',
    `${name} is not installed: this is the package for masters and slaves; owners, users and the other verbs need the full one`,
    { cause: error }
  )
}
