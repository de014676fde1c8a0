import type { ViewSet } from '../../../models/data/load-views.ts'
import { randomBytes, randomUnit, seededRandom } from '../../../base/random.ts'

/** Views of stripes at one of four angles with random phase and a little noise: a set that a tiny net learns in seconds. */
export function stripes({ images, side = 32, seed }: { images: number; side?: number; seed: string }): ViewSet {
  const random = seededRandom(seed)
  const pixels = new Uint8Array(new SharedArrayBuffer(images * side ** 2))
  const labels = Int32Array.from({ length: images }, (_, at) => at % 4)
  labels.forEach((label, at) => {
    const angle = (label * Math.PI) / 4
    const phase = 2 * Math.PI * randomUnit(random)
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const wave = Math.sin((x * Math.cos(angle) + y * Math.sin(angle)) * 0.8 + phase)
        const level = 127 + 90 * wave + 30 * (randomUnit(random) - 0.5)
        pixels[(at * side + y) * side + x] = Math.min(255, Math.max(0, Math.round(level)))
      }
    }
  })
  const names = [...labels.keys()].map(at => `class-${labels[at]}/${at}`)
  return {
    side,
    classes: ['class-0', 'class-1', 'class-2', 'class-3'],
    names,
    labels,
    pixels,
    digest: seed,
    unreadable: []
  }
}

/**
 * Views in near-duplicate clusters: `sizes[c]` has the cluster sizes of class c, and a cluster is one noise image and copies
 * that differ from it in one pixel.
 */
export function clusters(sizes: readonly (readonly number[])[], side: number): ViewSet {
  const random = seededRandom('clusters')
  const labels: number[] = []
  const planes: Uint8Array[] = []
  sizes.forEach((ofClass, label) => {
    for (const size of ofClass) {
      const plane = randomBytes(random, side ** 2)
      for (let i = 0; i < size; i++) {
        const copy = plane.slice()
        copy[i] ^= 1
        planes.push(copy)
        labels.push(label)
      }
    }
  })
  const pixels = new Uint8Array(new SharedArrayBuffer(planes.length * side ** 2))
  for (const [at, plane] of planes.entries()) pixels.set(plane, at * side ** 2)
  const classes = sizes.map((_, label) => `class-${label}`)
  const names = labels.map((label, at) => `train/${classes[label]}/${at}`)
  return { side, classes, names, labels: Int32Array.from(labels), pixels, digest: '', unreadable: [] }
}
