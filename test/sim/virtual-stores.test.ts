import { describe, expect, it } from 'vitest'
import { sleep } from '../../base/clock.ts'
import { seededRandom } from '../../base/random.ts'
import { EventLoop } from '../../sim/virtual/event-loop.ts'
import { SeededStream } from '../../sim/cluster/seeded-stream.ts'
import { VirtualClock } from '../../sim/virtual/virtual-clock.ts'
import { VirtualDisk } from '../../sim/virtual/virtual-disk.ts'
import { VirtualRecordStore } from '../../sim/virtual/virtual-record-store.ts'
import { VirtualShadowStore } from '../../sim/virtual/virtual-shadow-store.ts'
import { dropAt, exampleKey, exampleShadow, ORIGIN } from '../contract/example-shadow.ts'
import { recordStoreSuite } from '../contract/record-store-suite.ts'
import { SUITE_QUOTA_BYTES, shadowStoreSuite } from '../contract/shadow-store-suite.ts'

const random = seededRandom('virtual record stores')

shadowStoreSuite('virtual', async () => {
  const loop = new EventLoop()
  const stop = loop.start()
  const disk = new VirtualDisk(new VirtualClock(loop))
  return { store: new VirtualShadowStore(disk, { quotaBytes: SUITE_QUOTA_BYTES }), remove: async () => stop() }
})

recordStoreSuite('virtual', async () => {
  const loop = new EventLoop()
  const stop = loop.start()
  const disk = new VirtualDisk(new VirtualClock(loop))
  return { store: new VirtualRecordStore(disk, { random }), remove: async () => stop() }
})

describe('virtual disk', () => {
  function world(acknowledge?: 'synced' | 'written') {
    const loop = new EventLoop()
    const clock = new VirtualClock(loop)
    const disk = new VirtualDisk(clock)
    return { loop, clock, disk, store: new VirtualShadowStore(disk, { acknowledge }) }
  }

  async function afterCrash({ loop, disk }: ReturnType<typeof world>): Promise<number> {
    disk.crash()
    const next = new VirtualShadowStore(disk)
    await loop.until(next.start())
    return (await next.usage()).shadows
  }

  it('an acknowledged shadow survives a crash, one acknowledged before its sync does not', async () => {
    for (const [acknowledge, survivors] of [
      ['synced', 1],
      ['written', 0]
    ] as const) {
      const one = world(acknowledge)
      await one.store.start()
      await one.loop.until(one.store.put(exampleKey(1), exampleShadow(1), ORIGIN))
      expect(await afterCrash(one)).toBe(survivors)
    }
  })

  it('a crash between write and sync leaves nothing, and a crash between remove and sync leaves the shadow', async () => {
    const one = world()
    await one.store.start()
    void one.store.put(exampleKey(1), exampleShadow(1), ORIGIN)
    await one.loop.until(sleep(one.clock, 1))
    expect(await afterCrash(one)).toBe(0)
    const two = world()
    await two.store.start()
    await two.loop.until(two.store.put(exampleKey(1), exampleShadow(1), ORIGIN))
    void two.store.drop(exampleKey(1), dropAt(1))
    await two.loop.until(sleep(two.clock, 1))
    expect(await afterCrash(two)).toBe(1)
  })

  it('a flipped bit is SHADOW_CORRUPT, a full disk STORE_FULL until it is emptied', async () => {
    const { loop, disk, store } = world()
    await store.start()
    await loop.until(store.put(exampleKey(1), exampleShadow(1), ORIGIN))
    disk.flipBit('shadow/', new SeededStream(1))
    await expect(loop.until(store.get(exampleKey(1)))).rejects.toMatchObject({ code: 'SHADOW_CORRUPT' })
    disk.fill(true)
    await expect(loop.until(store.put(exampleKey(2), exampleShadow(2), ORIGIN))).rejects.toMatchObject({
      code: 'STORE_FULL'
    })
    disk.fill(false)
    await loop.until(store.put(exampleKey(2), exampleShadow(2), ORIGIN))
    expect((await store.usage()).shadows).toBe(2)
  })
})
