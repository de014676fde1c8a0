import { expect, it } from 'vitest'
import { MemoryRecordStore } from '../../../indexing/memory-record-store.ts'
import { decodeClaim } from '../../../indexing/encode-record.ts'
import { encodedRecord } from '../../../indexing/encoded-record.ts'
import { searchIndex } from '../../../node/master/search-index.ts'
import { exampleRecord, exampleSpace } from '../../contract/example-record.ts'

it('a further page of a search goes on where the one before ended, also among images of one distance, and ends with the last image', async () => {
  const records = new MemoryRecordStore()
  await records.start()
  const space = exampleSpace(16)
  const codes = [0, 0, 0, 0, 1, 3, 3].map(bits => Uint8Array.of(0, bits))
  for (const [image, code] of codes.entries()) await records.put(encodedRecord(exampleRecord({ image, code, space })))
  const page = async (k: number, skip?: number): Promise<string[]> => {
    const { results } = await searchIndex({ code: new Uint8Array(2), ...space, k, skip }, { records })
    return results.map(({ claim }) => decodeClaim(claim).id)
  }
  const all = await page(1000)
  expect(new Set(all).size).toBe(7)
  expect(await page(3)).toEqual(all.slice(0, 3))
  expect([...(await page(3, 0)), ...(await page(3, 3)), ...(await page(3, 6))]).toEqual(all)
  expect(await page(3, 7)).toEqual([])
})
