// What the first 512 KiB image of a process allocates, as a multiple of its size, as JSON. Run by cipher.ts and by a test:
// `node --expose-gc bench/cipher-allocation.ts encrypt|decrypt`. Garbage counts: `collections`, how often the collector ran
// between the two readings, must be 0 for the figure to hold.
import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { randomBytes, seededRandom } from '../base/random.ts'
import { typescriptCore } from '../crypto/qms2/core.ts'
import { encryptImage } from '../crypto/qms2/encrypt.ts'
import { qms2Cipher } from '../crypto/qms2/cipher.ts'

const BYTES = 512 * 1024
const context = { key: new Uint8Array(32), random: seededRandom('allocation') }

/** Bytes of the JavaScript heap and of all array buffers, the WASM memory included. */
function allocatedBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function collectAll(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.()
    await setImmediate() // array buffers are swept after the collection
  }
}

const image = randomBytes(seededRandom('image'), BYTES)
const encrypted = encryptImage(image, context, typescriptCore) // leaves the WASM memory as it is
// modules and tables are not the image's; nothing larger than one page of WASM memory is allocated here
qms2Cipher.decrypt(qms2Cipher.encrypt(new Uint8Array(100), context), context)
await collectAll()

let collections = 0
const observer = new PerformanceObserver(list => {
  collections += list.getEntries().length
})
observer.observe({ entryTypes: ['gc'] })
const before = allocatedBytes()
if (process.argv[2] === 'decrypt') qms2Cipher.decrypt(encrypted, context)
else qms2Cipher.encrypt(image, context)
const after = allocatedBytes()
await setImmediate() // collections are reported late
console.log(JSON.stringify({ times: (after - before) / BYTES, collections }))
