import { randomBelow, seededRandom } from '../../base/random.ts'

const RESAMPLES = 1000

/** 95 % interval of the mean by resampling `values` with repeats, 1000 times, by a fixed seed. */
export function bootstrap(values: ArrayLike<number>): { low: number; high: number } {
  const random = seededRandom('bootstrap')
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[randomBelow(random, values.length)]
    return sum / values.length
  }).sort()
  return { low: means[Math.floor(0.025 * RESAMPLES)], high: means[Math.ceil(0.975 * RESAMPLES) - 1] }
}

/** Mean of some values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return sum / values.length
}
