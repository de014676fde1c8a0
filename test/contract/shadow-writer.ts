// A child process of the crash tests: puts, drops and restores shadows and prints what the store has acknowledged, until killed.
import { DiskShadowStore } from '../../storage/disk-shadow-store.ts'
import { dropAt, exampleKey, exampleShadow, ORIGIN } from './example-shadow.ts'

const [folder, from] = [process.argv[2], Number(process.argv[3])]
const store = new DiskShadowStore(folder, { reserveBytes: 0 })
await store.start()
process.stdout.write('started\n')

const LANES = 8
async function lane(first: number): Promise<void> {
  for (let n = first; ; n += LANES) {
    await store.put(exampleKey(n), exampleShadow(n, 1 + ((n * 7919) % 20_000)), ORIGIN)
    process.stdout.write(`put ${n}\n`)
    if (n % 3 !== 0) continue
    process.stdout.write(`dropping ${n}\n`)
    await store.drop(exampleKey(n), dropAt(1))
    process.stdout.write(`dropped ${n}\n`)
    if (n % 2 !== 0) continue
    process.stdout.write(`restoring ${n}\n`)
    await store.restore(exampleKey(n))
    process.stdout.write(`restored ${n}\n`)
  }
}
await Promise.all(Array.from({ length: LANES }, (_, n) => lane(from + n)))
