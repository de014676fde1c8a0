/** What the paper reports, for standing beside ours (Tables 11 to 14). */
export const PAPER = Object.freeze({
  /** Table 11: queries to ms. */
  latencyMs: Object.freeze([
    [100, 60.58],
    [500, 140.09],
    [1000, 250.66]
  ] as const),
  /** Table 12: offered to achieved queries a second. Achieved exceeds offered, which no open loop can keep up. */
  throughput: Object.freeze([
    [10, 11.5],
    [50, 53.2],
    [100, 105.6]
  ] as const),
  /** Table 13: shadows gone of ten (r = 6) to images read in per cent. */
  readable: Object.freeze([
    [1, 100],
    [2, 100],
    [3, 100],
    [4, 100],
    [5, 0]
  ] as const),
  /** Table 14: seconds until an image is read after one, or several, servers failed. */
  recoveryS: Object.freeze({ single: 2.8, several: 6.3 }),
  /** Table 4: images of the largest data set, K-CT. */
  indexSize: 12_446
})
