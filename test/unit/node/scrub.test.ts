import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sleep } from '../../../base/clock.ts'
import { merkleRoot } from '../../../base/merkle-tree.ts'
import { Scrubber } from '../../../node/slave/scrubber.ts'
import { NO_DIGEST, SoundShadows } from '../../../node/slave/sound-shadows.ts'
import { EventLoop } from '../../../sim/virtual/event-loop.ts'
import { VirtualClock } from '../../../sim/virtual/virtual-clock.ts'
import { DiskShadowStore } from '../../../storage/disk-shadow-store.ts'
import { MemoryShadowStore } from '../../../storage/memory-shadow-store.ts'
import { corrupt } from '../../../storage/shadow-key.ts'
import { filePath } from '../../../storage/shadow-file.ts'
import { exampleKey, exampleShadow, ORIGIN } from '../../contract/example-shadow.ts'

const PERIOD_MS = 14 * 86_400_000
const SHADOWS = 40

/** A slave's store on virtual time, with every read of it, and some shadows that no longer read as they were put. */
async function scene(damaged: readonly number[] = []) {
  const loop = new EventLoop()
  const clock = new VirtualClock(loop)
  const shadows = new MemoryShadowStore()
  await shadows.start()
  for (let n = 0; n < SHADOWS; n++) await shadows.put(exampleKey(n), exampleShadow(n, 100 + 50 * n), ORIGIN)
  const bad = new Set(damaged.map(n => exampleKey(n).image))
  const get = shadows.get.bind(shadows)
  const reads: { image: string; at: number }[] = []
  shadows.get = async key => {
    reads.push({ image: key.image, at: clock.monotonic() })
    if (bad.has(key.image)) throw corrupt()
    return get(key)
  }
  const facts: string[] = []
  const log = (fact: string): void => void facts.push(fact)
  const sound = new SoundShadows(shadows, log)
  const scrubber = new Scrubber({ clock, shadows, sound, log }, PERIOD_MS)
  const pass = (ms: number): Promise<void> => loop.until(sleep(clock, ms))
  return { shadows, sound, scrubber, reads, bad, facts, pass }
}

describe('a slave that reads its own shadows', () => {
  it('reads every one of 40 in a period, wherever it begins, the longest pause no longer than its bytes ask for', async () => {
    for (const from of [undefined, exampleKey(7)]) {
      const { scrubber, reads, pass } = await scene()
      scrubber.start(from)
      await pass(PERIOD_MS)
      scrubber.stop()
      expect(new Set(reads.map(({ image }) => image)).size).toBe(SHADOWS)
      expect(reads.length).toBeLessThan(2 * SHADOWS)
      const gaps = reads.slice(1).map(({ at }, n) => at - reads[n].at)
      expect(Math.max(...gaps)).toBeLessThan(PERIOD_MS / 15)
    }
  })

  it('lists what it found damaged without its digest; nothing is deleted, and a good read or a put brings it back', async () => {
    const { scrubber, shadows, sound, bad, facts, pass } = await scene([3, 4, 5, 20])
    const whole = async () => (await sound.list({ limit: 1000 })).filter(({ digest }) => digest !== NO_DIGEST)
    expect(await whole()).toHaveLength(SHADOWS)
    scrubber.start(undefined)
    await pass(PERIOD_MS)
    expect(facts.filter(fact => fact.includes('damaged'))).toHaveLength(4)
    expect(await whole()).toHaveLength(SHADOWS - 4)
    expect((await whole()).some(({ image }) => bad.has(image))).toBe(false)
    expect(await sound.list({ limit: 1000 })).toHaveLength(SHADOWS)
    expect(await shadows.list()).toHaveLength(SHADOWS)
    sound.isPut(exampleKey(4))
    expect(await whole()).toHaveLength(SHADOWS - 3)
    bad.clear()
    await pass(PERIOD_MS)
    expect(await whole()).toHaveLength(SHADOWS)
  })

  it('stops when it is told to', async () => {
    const { scrubber, reads, pass } = await scene()
    scrubber.start(undefined)
    await pass(PERIOD_MS / 2)
    scrubber.stop()
    const before = reads.length
    await pass(PERIOD_MS)
    expect(reads).toHaveLength(before)
  })
})

it('on a real disk: a file of which one bit changed is listed without its digest and stays where it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sfmedir-scrub-'))
  const store = new DiskShadowStore(folder, { reserveBytes: 0 })
  try {
    await store.start()
    for (const n of [1, 2]) await store.put(exampleKey(n), exampleShadow(n, 9000), ORIGIN)
    const entry = await store.find(exampleKey(1))
    if (entry === undefined) throw new Error('it is not held')
    const path = join(folder, 'shadows', filePath(entry))
    const bytes = await readFile(path)
    bytes[5000] ^= 1
    await writeFile(path, bytes)
    const sound = new SoundShadows(store, () => {})
    await expect(sound.get(exampleKey(1))).rejects.toMatchObject({ code: 'SHADOW_CORRUPT' })
    await sound.get(exampleKey(2))
    const digests = new Map((await sound.list({ limit: 10 })).map(({ image, digest }) => [image, digest]))
    expect(digests.get(exampleKey(1).image)).toBe(NO_DIGEST)
    expect(digests.get(exampleKey(2).image)).toBe(merkleRoot(exampleShadow(2, 9000)))
    expect((await readFile(path)).length).toBe(9000)
  } finally {
    await store.stop()
    await rm(folder, { recursive: true })
  }
})
