/** The two-sided 95 % quantile of the normal distribution. */
export const Z_95 = 1.959963984540054

/**
 * Wilson's score interval for a probability of which `failures` of `trials` were seen. Good for small counts too, and
 * never outside [0, 1].
 */
export function wilsonInterval(failures: number, trials: number, z: number = Z_95): { low: number; high: number } {
  if (!(trials > 0 && failures >= 0 && failures <= trials)) throw new RangeError('failures must be 0 to trials')
  const share = failures / trials
  const spread = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials))
  const centre = share + (z * z) / (2 * trials)
  const scale = 1 + (z * z) / trials
  return {
    low: failures === 0 ? 0 : Math.max(0, (centre - spread) / scale),
    high: failures === trials ? 1 : Math.min(1, (centre + spread) / scale)
  }
}
