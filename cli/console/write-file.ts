import { NetError, systemCode } from '../../base/errors.ts'
import { type WriteWholeInit, writeWhole } from '../../base/write-whole.ts'

/** Write a file as {@link writeWhole} does. @throws NetError `FILE_UNWRITABLE`, also when it exists already */
export async function writeNew(path: string, content: string | Uint8Array, init: WriteWholeInit = {}): Promise<void> {
  try {
    await writeWhole(path, content, init)
  } catch (cause) {
    const code = systemCode(cause)
    const why = code === 'EEXIST' ? 'it exists already' : code
    throw new NetError('FILE_UNWRITABLE', `${path} cannot be written: ${why}`, { cause })
  }
}
