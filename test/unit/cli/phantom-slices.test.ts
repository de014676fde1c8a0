import { describe, expect, it } from 'vitest'
import { phantomSlices } from '../../../cli/demo/phantom-slices.ts'
import { decodeImage } from '../../../hashing/decode-image.ts'

describe('phantom slices', () => {
  it('are the same each time, all different, and decode to 160 by 160 grey pixels', async () => {
    const slices = await phantomSlices(20)
    expect(await phantomSlices(20)).toEqual(slices)
    expect(new Set(slices.map(bytes => Buffer.from(bytes).toString('base64'))).size).toBe(20)
    for (const bytes of slices) expect(await decodeImage(bytes)).toMatchObject({ width: 160, height: 160 })
  })
})
