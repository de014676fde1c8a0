import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs'
import { concat } from 'uint8arrays/concat'
import { NetError, systemCode } from '../../base/errors.ts'

const HEAD_BYTES = 256
const STDIN = 0

/** What is read: its name for people, and as the system takes it; `-` is standard input. */
interface Source {
  readonly path: string
  readonly at: string | Buffer
}

/**
 * All of a file, FIFO, device or standard input, of which no more than one byte above `maxBytes` is ever read.
 * @throws NetError `FILE_UNREADABLE`, `IMAGE_TOO_LARGE`
 */
export async function readAtMost({ path, at }: Source, maxBytes: number): Promise<Uint8Array> {
  try {
    if (path !== '-') checkSize(path, statSync(at).size, maxBytes)
    const end = maxBytes // the last byte that is read, counted from 0
    const stream =
      path === '-' ? createReadStream('', { fd: STDIN, autoClose: false, end }) : createReadStream(at, { end })
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of stream) {
      size += chunk.length
      checkSize(path, size, maxBytes)
      chunks.push(chunk)
    }
    return concat(chunks)
  } catch (cause) {
    throw cause instanceof NetError ? cause : unreadable(path, systemCode(cause), cause)
  }
}

/** The first bytes of a file, at most 256; undefined when it cannot be read. */
export function readHead(at: string | Buffer): Uint8Array | undefined {
  try {
    const file = openSync(at, 'r')
    try {
      const head = new Uint8Array(HEAD_BYTES)
      return head.subarray(0, readSync(file, head))
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined // reading all of it says why
  }
}

/** That a path cannot be read, and why. */
export function unreadable(path: string, why: string, cause?: unknown): NetError {
  return new NetError('FILE_UNREADABLE', `${path} cannot be read (${why})`, { cause })
}

function checkSize(path: string, size: number, maxBytes: number): void {
  if (size <= maxBytes) return
  throw new NetError('IMAGE_TOO_LARGE', `${path}: ${size} bytes, more than the ${maxBytes} allowed (maxImageBytes)`, {
    detail: { size, maxBytes }
  })
}
