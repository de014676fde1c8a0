// A thread beside the decoders of a process: ends the process, whatever its other threads do, when it takes more memory
// than allowed or nobody waits for it any longer.
import { workerData } from 'node:worker_threads'
import { systemClock } from '../base/clock.ts'

const LOOK_MS = 20 // what a decoder can take in between: some 50 MB
const maxResidentBytes: number = workerData.maxResidentBytes
const parent = process.ppid

function look(): void {
  if (process.memoryUsage.rss() > maxResidentBytes || process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
  systemClock.setTimer(LOOK_MS, look)
}

look()
