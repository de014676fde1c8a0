import { InvalidArgumentError } from 'commander'

/** `2/3,6/10` as pairs (r, s). */
export function pairs(text: string): [number, number][] {
  return text.split(',').map(pair => {
    const match = /^\(?(\d+)[/:](\d+)\)?$/.exec(pair.trim())
    if (match === null) throw new InvalidArgumentError('pairs are written r/s, with commas between: 2/3,6/10.')
    return [Number(match[1]), Number(match[2])]
  })
}

/** `0.1,0.3` or `0.05:0.6:0.05` (from, to, step) as numbers. */
export function numbers(text: string): number[] {
  const range = text.split(':').map(asNumber)
  if (range.length === 3) {
    const [from, to, step] = range
    if (!(step > 0) || !(to >= from) || (to - from) / step > 1000) {
      throw new InvalidArgumentError('a range is from:to:step, with at most 1000 steps.')
    }
    const count = Math.floor((to - from) / step + 1e-9) + 1
    return Array.from({ length: count }, (_, k) => Number((from + k * step).toPrecision(12)))
  }
  const list = text.split(',').map(asNumber)
  if (list.some(Number.isNaN)) throw new InvalidArgumentError('numbers are wanted, with commas between.')
  return list
}

/** A number. */
export function number(text: string): number {
  const value = asNumber(text)
  if (Number.isNaN(value)) throw new InvalidArgumentError('a number is wanted.')
  return value
}

/** Words with commas between. */
export function words(text: string): string[] {
  return text.split(',').map(word => word.trim())
}

/** Empty text is no number; `Number` takes it for 0. */
function asNumber(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
