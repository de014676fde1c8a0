import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { NetError, systemCode } from './errors.ts'

const OTHERS = 0o077 // what group and others may do; Windows has no such bits
const OTHERS_OF_CREDENTIAL = 0o037 // the group's right to read is how systemd writes the service's own right

/**
 * The text of a file that holds a secret; undefined when there is no file. What systemd hands a service as a credential may
 * be readable by a group too.
 * @throws NetError `KEYS_INVALID` when others than its owner have access to it, `FILE_UNREADABLE`
 */
export function readSecret(file: string): string | undefined {
  let handle: number | undefined
  try {
    handle = openSync(file, 'r')
    const mode = fstatSync(handle).mode & 0o777
    if (process.platform === 'win32' || (mode & (isCredential(file) ? OTHERS_OF_CREDENTIAL : OTHERS)) === 0)
      return readFileSync(handle, 'utf8')
    throw new NetError('KEYS_INVALID', `${file} is open to others (mode ${mode.toString(8)}): chmod 600 ${file}`)
  } catch (cause) {
    if (cause instanceof NetError) throw cause
    if (systemCode(cause) === 'ENOENT') return undefined
    throw new NetError('FILE_UNREADABLE', `${file} cannot be read (${systemCode(cause)})`, { cause })
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

/** Whether systemd laid this file out for this service alone (`LoadCredential=`). */
function isCredential(file: string): boolean {
  const folder = process.env.CREDENTIALS_DIRECTORY
  return folder !== undefined && isAbsolute(folder) && dirname(resolve(file)) === resolve(folder)
}
