import { createCipheriv } from 'node:crypto'

const POOL_BYTES = 4096

/** ChaCha20's key stream (RFC 8439) from block `counter` 0, byte by byte. `key` is 32 bytes, `nonce` 12. */
export function chachaBytes(key: Uint8Array, nonce: Uint8Array): () => number {
  const iv = new Uint8Array(16) // OpenSSL's form: 32-bit block counter, then the nonce
  iv.set(nonce, 4)
  const cipher = createCipheriv('chacha20', key, iv)
  const zeros = new Uint8Array(POOL_BYTES)
  let pool: Uint8Array = new Uint8Array(0)
  let next = 0
  return () => {
    if (next === pool.length) {
      pool = cipher.update(zeros)
      next = 0
    }
    return pool[next++]
  }
}
