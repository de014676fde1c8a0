import type { ViewSet } from './load-views.ts'

/** Root mean square difference of two views, in levels of 0 to 255, below which one counts as a copy of the other. */
export const COPY_RMS = 4

/**
 * The images of `queries` of which `training` holds no copy: none whose view differs by a root mean square of less than
 * {@link COPY_RMS} levels. It finds what was scaled or encoded anew, which no digest of a file does.
 */
export function withoutCopies(queries: ViewSet, training: ViewSet): Int32Array {
  const plane = queries.side ** 2
  const rows = [...training.names.keys()].map(at => training.pixels.subarray(at * plane, (at + 1) * plane))
  return Int32Array.from(queries.names.keys()).filter(at => {
    const view = queries.pixels.subarray(at * plane, (at + 1) * plane)
    return !rows.some(row => isCopy(view, row))
  })
}

/** Whether two views differ by less than {@link COPY_RMS}. */
export function isCopy(a: Uint8Array, b: Uint8Array): boolean {
  const limit = COPY_RMS ** 2 * a.length // most pairs are over it after some rows
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    sum += (a[i] - b[i]) ** 2
    if (sum >= limit) return false
  }
  return true
}
