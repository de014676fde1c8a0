import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

const MOST_TURNS = 50
const SETTLED = 64 * 1024

/**
 * Bytes of heap and buffers that no collection gives back. Buffers go a turn after what held them, and those of thousands of
 * inflaters go over many turns: collected until nothing more goes.
 */
export async function retained(): Promise<number> {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void // what that flag makes
  }
  let least = Number.POSITIVE_INFINITY
  for (let turn = 0, calm = 0; turn < MOST_TURNS && calm < 3; turn++) {
    collect()
    await setImmediate()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    calm = heapUsed + arrayBuffers < least - SETTLED ? 0 : calm + 1
    least = Math.min(least, heapUsed + arrayBuffers)
  }
  return least
}
