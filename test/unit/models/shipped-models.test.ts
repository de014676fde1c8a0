import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256Hex } from '../../../base/bytes.ts'
import { loadModel } from '../../../hashing/load-model.ts'
import { readManifest, shippedModels } from '../../../hashing/manifest.ts'
import { exportModel } from '../../../models/weights/export-model.ts'
import { findModel } from '../../../models/weights/find-model.ts'
import { hasSample, type ImageSample, sampleMap } from '../../../models/evaluate/sample-figures.ts'

const DATA = join(import.meta.dirname, '../../../../shared/data')
const fixture: { samples: ImageSample[]; figures: { model: string; set: string; bits: number; map100: number }[] } =
  JSON.parse(readFileSync(new URL('../../fixtures/model-samples.json', import.meta.url), 'utf8'))

describe('shipped models', () => {
  it('are the files that the manifest promises, below 80 MB in all, each with its figures, the default among them; written again they are the same bytes', async () => {
    const manifest = await readManifest(shippedModels())
    expect(manifest.models.map(({ name }) => name)).toContain(manifest.default)
    expect(manifest.models.reduce((total, { bytes }) => total + bytes, 0)).toBeLessThan(80_000_000)
    for (const { name, classes, codeBits, figures, digest } of manifest.models) {
      const { net, weights } = await findModel(name)
      expect(sha256Hex(exportModel(net, weights)), `${name}, written again`).toBe(digest)
      expect([net.codeBits, classes?.length], name).toEqual([codeBits, name.startsWith('joint') ? 12 : 4])
      expect(figures, name).toMatchObject({ clean: { 16: { map: { 100: expect.any(Number) } } } })
    }
  })

  for (const sample of fixture.samples) {
    const figures = fixture.figures.filter(({ set }) => set === sample.set)
    const is = hasSample(DATA, sample)
    it.skipIf(!is)(
      `${sample.set}: ${figures.length} models reproduce their mAP@100 on 40 queries against 120 images${is ? '' : ` (skipped: the images are not in ${DATA})`}`,
      async () => {
        expect(figures.length).toBeGreaterThan(0)
        for (const { model: name, bits, map100 } of figures) {
          const model = await loadModel(name)
          expect(await sampleMap(DATA, sample, { model, bits }), name).toBeCloseTo(map100, 3)
          await model.close()
        }
      }
    )
  }
})
