// A child process of the crash tests: puts records and prints what the store has acknowledged, until killed.
import { encodedRecord } from '../../indexing/encoded-record.ts'
import { LevelRecordStore } from '../../indexing/level-record-store.ts'
import { exampleRecord } from './example-record.ts'

const [folder, from] = [process.argv[2], Number(process.argv[3])]
const store = new LevelRecordStore(folder)
await store.start()
process.stdout.write('started\n')

const LANES = 8
async function lane(first: number): Promise<void> {
  for (let n = first; ; n += LANES) {
    for (const counter of [1, 2]) {
      await store.put(encodedRecord(exampleRecord({ image: n, counter, deleted: counter === 2 && n % 5 === 0 })))
      process.stdout.write(`put ${n} ${counter}\n`)
    }
  }
}
await Promise.all(Array.from({ length: LANES }, (_, n) => lane(from + n)))
