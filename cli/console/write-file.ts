import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { NetError, systemCode } from '../../base/errors.ts'

/** How {@link writeNew} makes a file. */
export interface WriteNewInit {
  /** Replace a file that exists. */
  readonly overwrite?: boolean
  /** Only its owner may read it. */
  readonly secret?: boolean
}

/** Write a file whole, making its folder. @throws NetError `FILE_UNWRITABLE`, also when it exists already */
export function writeNew(
  path: string,
  content: string | Uint8Array,
  { overwrite = false, secret = false }: WriteNewInit = {}
): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content, { flag: overwrite ? 'w' : 'wx', mode: secret ? 0o600 : 0o666 })
  } catch (cause) {
    const code = systemCode(cause)
    const why = code === 'EEXIST' ? 'it exists already' : code
    throw new NetError('FILE_UNWRITABLE', `${path} cannot be written: ${why}`, { cause })
  }
}
