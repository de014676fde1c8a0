import type { ViewSet } from '../data/load-views.ts'

/** What {@link certifyNearest} found of one query. */
export interface NearestCertificate {
  /** Whether the nearest training image is of the query's class. */
  readonly right: boolean
  /** No change of all pixels by less than this, in 0..1, makes the nearest training image one of another class; 0 if it is already. */
  readonly epsilon: number
}

const PIXEL_TOP = 255

/**
 * The nearest neighbour in pixels (Euclidean) as a classifier, and the attack that it certainly withstands: the yardstick
 * for trained nets on a split where neighbouring slices stand on both sides. With a the nearest training image of the
 * query's class and b any of another, x + d with |d| <= epsilon at every pixel is nearer to b than to a only if
 * |x-b|² - |x-a|² < 2·d·(b-a) <= 2·epsilon·|b-a|₁, so the least of (|x-b|² - |x-a|²) / (2·|b-a|₁) over all b is certified.
 */
export function certifyNearest(queries: ViewSet, training: ViewSet): NearestCertificate[] {
  const plane = queries.side ** 2
  const rows = [...training.names.keys()].map(at => training.pixels.subarray(at * plane, (at + 1) * plane))
  return [...queries.names.keys()].map(at =>
    certify(queries.pixels.subarray(at * plane, (at + 1) * plane), queries.labels[at], {
      rows,
      labels: training.labels
    })
  )
}

function certify(
  query: Uint8Array,
  label: number,
  { rows, labels }: { rows: readonly Uint8Array[]; labels: Int32Array }
): NearestCertificate {
  const squares = rows.map(row => squaredDistance(query, row))
  const order = [...squares.keys()].sort((one, other) => squares[one] - squares[other])
  const own = order.find(at => labels[at] === label)
  if (own === undefined) return { right: false, epsilon: 0 }
  let least = Number.POSITIVE_INFINITY
  for (const at of order) {
    if (labels[at] === label) continue
    // |b-a|₁ is at most √pixels·(|x-a| + |x-b|), so from here on no b can be the least
    if ((Math.sqrt(squares[at]) - Math.sqrt(squares[own])) / (2 * Math.sqrt(query.length)) >= least) break
    least = Math.min(least, (squares[at] - squares[own]) / (2 * distance(rows[own], rows[at])))
    if (!(least > 0)) break
  }
  return { right: labels[order[0]] === label, epsilon: least > 0 ? least / PIXEL_TOP : 0 }
}

function squaredDistance(a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2
  return sum
}

function distance(a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i])
  return sum
}
