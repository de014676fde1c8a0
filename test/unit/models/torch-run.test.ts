// A run through models/torch/train.py and back. Skipped where /usr/bin/python3 has no torch (Debian: python3-torch).
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../base/random.ts'
import { evaluate } from '../../../models/evaluate/evaluate.ts'
import { findModel } from '../../../models/weights/find-model.ts'
import { listSplit } from '../../../models/data/image-folders.ts'
import { loadViews } from '../../../models/data/load-views.ts'
import { openPool } from '../../../models/workers/worker-pool.ts'

const PYTHON = '/usr/bin/python3'
const ROOT = join(import.meta.dirname, '../../..')
const SIDE = 32
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch, numpy']).status === 0
const dir = mkdtempSync(join(tmpdir(), 'sfmedir-torch-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Noisy stripes, upright or lying by class. */
async function makeImages(split: string, count: number): Promise<void> {
  for (const name of ['lying', 'upright']) {
    mkdirSync(join(dir, 'data', split, name), { recursive: true })
    for (let image = 0; image < count; image++) {
      const noise = new Uint8Array(SIDE * SIDE)
      seededRandom(`${split}/${name}/${image}`).fill(noise)
      const pixels = noise.map((draw, at) => {
        const along = name === 'lying' ? Math.floor(at / SIDE) : at % SIDE
        return 60 + 100 * (((along + image) >> 2) & 1) + (draw >> 2)
      })
      const file = join(dir, 'data', split, name, `${image}.png`)
      await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } })
        .png()
        .toFile(file)
    }
  }
}

const script = (...words: string[]) =>
  execFileSync(process.execPath, [join(ROOT, 'scripts/torch-run.ts'), ...words], { cwd: dir, encoding: 'utf8' })
const torch = (...words: string[]) =>
  execFileSync(PYTHON, [join(ROOT, 'models/torch/train.py'), join(dir, 'run'), ...words], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' }
  })

describe.skipIf(!hasTorch)('training by torch', () => {
  it('learns stripes under attack, finds nothing left to do when run again, and comes back as a model that finds them', async () => {
    await makeImages('train', 60)
    await makeImages('test', 10)
    script('export', join(dir, 'run'), join(dir, 'data'), '--net', 'micro')
    const steady = '--device cpu --batch 16 --augment none --learning-rate 0.003 --validate-every 30'
    const flags = `${steady} --attack-steps 1 --ramp-epochs 30`.split(' ')
    const lines = torch('--epochs', '60', ...flags)
      .trim()
      .split('\n')
    expect(lines).toHaveLength(60)
    expect(JSON.parse(lines[59]).loss).toBeLessThan(0.5 * JSON.parse(lines[0]).loss)
    expect(torch('--epochs', '60', ...flags)).toBe('') // nothing is left to do
    expect(() => torch('--epochs', '61', ...flags)).toThrow('other settings')

    script('import', join(dir, 'run'), 'stripes', '--out', join(dir, 'models'))
    const model = await findModel(join(dir, 'models/stripes.onnx'))
    const views = async (split: 'train' | 'test') =>
      loadViews(await listSplit([join(dir, 'data')], split), { side: SIDE })
    const pool = openPool(model.net, 1)
    try {
      const sets = { queries: await views('test'), database: await views('train') }
      const { map } = await evaluate({ pool, weights: model.weights, ...sets, bits: 16 })
      expect(map['100']).toBeGreaterThan(0.9)
    } finally {
      await pool.close()
    }
    const manifest = JSON.parse(readFileSync(join(dir, 'models/manifest.json'), 'utf8'))
    expect(manifest.models[0].settings).toMatchObject({ attack_steps: 1, epochs: 60 })
  }, 60_000)
})
