import { describe, expect, it } from 'vitest'
import type { Roster } from '../../../base/roles.ts'
import { encodedRecord } from '../../../indexing/encoded-record.ts'
import { MemoryRecordStore } from '../../../indexing/memory-record-store.ts'
import { answerCompare } from '../../../node/replication/answer-compare.ts'
import { CatchUp } from '../../../node/replication/catch-up.ts'
import { giveChanges } from '../../../node/replication/take-records.ts'
import { compareIndex } from '../../../protocols/compare-index.ts'
import type { Network } from '../../../protocols/network.ts'
import { examplePeer, exampleRecord } from '../../contract/example-record.ts'

const OTHER = examplePeer('other master')

async function storeOf(images: readonly number[]): Promise<MemoryRecordStore> {
  const store = new MemoryRecordStore()
  await store.start()
  for (const image of images) await store.put(encodedRecord(exampleRecord({ image })))
  return store
}

/** A master that catches up with whatever store `theirs` is; every signature is taken for good. */
async function catching(mine: MemoryRecordStore, first: MemoryRecordStore) {
  const world = { now: 1000, theirs: first, asked: [] as string[] }
  const request = async (_: string, { id }: { id: string }, asked: never) => {
    world.asked.push(id)
    return id === compareIndex.id ? answerCompare(asked, world.theirs) : giveChanges(asked, world.theirs)
  }
  const roster = {
    member: () => ({ roles: ['owner', 'master', 'slave'] }),
    withRole: () => [OTHER]
  } as unknown as Roster
  const self = examplePeer('this master')
  const signer = { self, sign: () => new Uint8Array(64), verify: () => true }
  const clock = { now: () => 0, monotonic: () => world.now, setTimer: () => () => {} }
  const network = { self, request } as unknown as Network
  return { world, catchUp: new CatchUp({ records: mine, roster, signer, clock, network }) }
}

describe('catching up', () => {
  it('cursors into the sequence of another disk are worth nothing, also while comparing pauses', async () => {
    const mine = await storeOf([1, 2, 3, 4, 99])
    const { world, catchUp } = await catching(mine, await storeOf([1, 2, 3, 4]))
    await catchUp.from(OTHER) // brings nothing: the other lacks 99, and comparing pauses
    expect(mine.cursor(OTHER)).toEqual({ incarnation: world.theirs.incarnation, sequence: 4 })
    world.theirs = await storeOf([11, 12, 13, 14])
    await catchUp.from(OTHER)
    expect(mine.size).toBe(9)
    expect(mine.cursor(OTHER)).toEqual({ incarnation: world.theirs.incarnation, sequence: 4 })
  })

  it('comparing that brings nothing pauses for twice as long each time, up to an hour', async () => {
    const { world, catchUp } = await catching(await storeOf([1, 99]), await storeOf([1]))
    const begun: number[] = []
    for (let second = 0; second < 4 * 3600; second += 15) {
      world.now = 1000 * (second + 1)
      world.asked.splice(0)
      await catchUp.from(OTHER)
      if (world.asked.filter(id => id === compareIndex.id).length > 2) begun.push(second)
    }
    const pauses = begun.slice(1).map((second, at) => second - begun[at])
    expect(pauses.slice(0, 4)).toEqual([30, 60, 120, 240])
    expect(Math.max(...pauses)).toBe(3600)
  })

  it('a beat that tells another root is looked into once nothing has changed from one beat to the next', async () => {
    const mine = await storeOf([1])
    const { world, catchUp } = await catching(mine, await storeOf([1, 2]))
    const { root } = world.theirs.digests
    catchUp.heard(OTHER, root)
    expect(world.asked).toEqual([])
    catchUp.heard(OTHER, root)
    await catchUp.from(OTHER)
    expect(mine.digests.root).toBe(root)
    world.asked.splice(0)
    for (let beat = 0; beat < 3; beat++) catchUp.heard(OTHER, root)
    expect(world.asked).toEqual([])
  })
})
