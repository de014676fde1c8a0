import type { ViewSet } from './load-views.ts'

const CELLS = 8 // a thumbnail of 8 x 8

/** For each image the `count` others whose thumbnails are nearest, nearest first: what a fine descriptor is to tell apart. */
export function lookAlikes(views: ViewSet, count: number): Int32Array[] {
  const thumbnails = [...views.names.keys()].map(at => thumbnail(views, at))
  return thumbnails.map((own, at) => {
    const nearest: { other: number; distance: number }[] = []
    thumbnails.forEach((thumb, other) => {
      if (other === at) return
      const distance = squaredDistance(own, thumb)
      if (nearest.length === count && distance >= nearest[count - 1].distance) return
      const place = nearest.findIndex(found => distance < found.distance)
      nearest.splice(place < 0 ? nearest.length : place, 0, { other, distance })
      if (nearest.length > count) nearest.pop()
    })
    return Int32Array.from(nearest, ({ other }) => other)
  })
}

function thumbnail({ pixels, side }: ViewSet, at: number): Float32Array {
  const cell = side / CELLS
  const sums = new Float32Array(CELLS ** 2)
  for (let i = 0; i < side ** 2; i++) {
    sums[Math.floor(Math.floor(i / side) / cell) * CELLS + Math.floor((i % side) / cell)] += pixels[at * side ** 2 + i]
  }
  return sums.map(sum => sum / cell ** 2)
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2
  return sum
}
