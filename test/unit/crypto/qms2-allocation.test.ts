import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('../../../bench/cipher-allocation.ts', import.meta.url))

test.each(['encrypt', 'decrypt'])(
  '%s of a 512 KiB image allocates less than 8 times its size, the first one in a process',
  direction => {
    const printed = execFileSync(process.execPath, ['--expose-gc', script, direction], { encoding: 'utf8' })
    const { times, collections } = JSON.parse(printed)
    expect(collections).toBe(0) // else garbage was not counted
    expect(times).toBeLessThan(8)
    expect(times).toBeGreaterThan(5) // the five bytes of WASM memory per byte are counted
  }
)
