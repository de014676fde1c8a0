import { parentPort, workerData } from 'node:worker_threads'
import { runSoak, type SoakInit } from './run-soak.ts'

// A thread of a parallel soak: plays its share of the seeds, and tells the count as it goes.
const init = workerData as SoakInit // given by run-parallel.ts alone
const result = await runSoak({ ...init, onProgress: share => parentPort?.postMessage({ done: share * init.seeds }) })
parentPort?.postMessage({ result })
