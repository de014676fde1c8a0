// An attacker who holds one shadow and knows the page on formats and how masters draw (r, s); no code of the project.

/** Every (r, s) that masters draw from, each as likely. */
const PAIRS = Array.from({ length: 8 }, (_, i) => i + 3).flatMap(s =>
  Array.from({ length: s - Math.max(1, Math.floor(0.4 * s)) - 1 }, (_, j) => ({ r: j + 2, s }))
)

/** What shadow number `number` tells: s is not below it. How likely each r is then. */
export function priorOf(number: number): Map<number, number> {
  const possible = PAIRS.filter(({ s }) => s >= number)
  const prior = new Map<number, number>()
  for (const { r, s } of possible) prior.set(r, (prior.get(r) ?? 0) + 1 / s) // one of s numbers
  return prior
}

/** The length that the page gives for an image of `size` bytes. */
export function lengthOnPage(scheme: number, size: number, r: number): number {
  const m = r <= 6 ? 8 : 16
  const blocks = scheme === 1 ? Math.ceil(size / m ** 2) : 0
  const least = 48 + blocks * m + Math.ceil(((scheme === 1 ? blocks * m * m : size) + 16) / r) + 64
  const top = Math.floor(Math.log2(least))
  const step = Math.max(256, 2 ** (top - Math.floor(Math.log2(top)) - 1))
  return Math.ceil(least / step) * step
}

/** How much of all sizes, by their logarithm, gives shadows of `length` at r: sizes are unknown over many octaves. */
function shareOfSizes(scheme: number, length: number, r: number): number {
  const first = leastSize(scheme, length, r)
  return Math.log(leastSize(scheme, length + 1, r) / Math.max(first, 1))
}

/** The smallest size that gives `length` or more. */
function leastSize(scheme: number, length: number, r: number): number {
  let low = 0
  let high = length * (r + 1)
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (lengthOnPage(scheme, middle, r) >= length) high = middle
    else low = middle + 1
  }
  return low
}

/** Zeros behind the content of a shadow of number n: no r but n leaves any. */
function zerosAtEnd(shadow: Uint8Array): number {
  const content = shadow.subarray(0, -64)
  return content.length - 1 - content.findLastIndex(byte => byte !== 0)
}

/** The likeliest r of a shadow; `size` when the attacker knows it. */
export function guessThreshold(shadow: Uint8Array, size?: number): number {
  const [scheme, , number] = shadow.subarray(5, 8)
  const prior = priorOf(number)
  if (zerosAtEnd(shadow) > 1 && prior.has(number)) return number
  const weights = [...prior].map(([r, likely]): [number, number] => {
    if (size !== undefined) return [r, lengthOnPage(scheme, size, r) === shadow.length ? likely : 0]
    return [r, likely * shareOfSizes(scheme, shadow.length, r)]
  })
  return likeliest(weights)
}

/** The key of the largest weight. */
export function likeliest(weights: Iterable<readonly [number, number]>): number {
  return [...weights].reduce((best, each) => (each[1] > best[1] ? each : best))[0]
}
