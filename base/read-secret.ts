import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { NetError, systemCode } from './errors.ts'

const OTHERS = 0o077 // what group and others may do; Windows has no such bits

/**
 * The text of a file that holds a secret; undefined when there is no file.
 * @throws NetError `KEYS_INVALID` when others than its owner have access to it, `FILE_UNREADABLE`
 */
export function readSecret(file: string): string | undefined {
  let handle: number | undefined
  try {
    handle = openSync(file, 'r')
    const mode = fstatSync(handle).mode & 0o777
    if (process.platform === 'win32' || (mode & OTHERS) === 0) return readFileSync(handle, 'utf8')
    throw new NetError('KEYS_INVALID', `${file} is open to others (mode ${mode.toString(8)}): chmod 600 ${file}`)
  } catch (cause) {
    if (cause instanceof NetError) throw cause
    if (systemCode(cause) === 'ENOENT') return undefined
    throw new NetError('FILE_UNREADABLE', `${file} cannot be read (${systemCode(cause)})`, { cause })
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}
