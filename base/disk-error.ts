import { NetError, systemCode } from './errors.ts'

const READ_ONLY = new Set(['EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'EEXIST'])
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/**
 * What a failed file or Level operation means for a store: `STORE_FULL`, `STORE_READ_ONLY`, `STORE_LOCKED`,
 * `STORE_CORRUPT`, else `INTERNAL`. A NetError stays itself.
 */
export function diskError(error: unknown): NetError {
  if (error instanceof NetError) return error
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = systemCode(cause)
    // LevelDB passes the system's words on, not its number.
    if (FULL.has(code) || /No space left|quota exceeded/i.test(cause.message)) {
      return new NetError('STORE_FULL', 'the disk is full', { cause: error })
    }
    if (code === 'LEVEL_LOCKED') {
      return new NetError('STORE_LOCKED', 'another process works in this folder', { cause: error })
    }
    if (READ_ONLY.has(code) || /Read-only file system|Permission denied|Not a directory/i.test(cause.message)) {
      return new NetError('STORE_READ_ONLY', 'the folder cannot be written', { cause: error })
    }
    if (code === 'LEVEL_CORRUPTION' || /^Corruption|checksum mismatch/i.test(cause.message)) {
      return new NetError('STORE_CORRUPT', 'the store is damaged', { cause: error })
    }
  }
  return new NetError('INTERNAL', 'a disk operation failed', { cause: error })
}
