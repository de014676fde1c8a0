import { InvalidArgumentError } from 'commander'
import { wholeNumber } from '../console/whole-number.ts'

/** Adds a repeated option's value to those before it. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

/** Adds a repeated option's whole number from `least` to `most` to those before it. */
export function collectNumbers(least: number, most: number) {
  const read = wholeNumber(least, most)
  return (text: string, before: readonly number[]): readonly number[] => [...before, read(text)]
}

/** Reads a share of the pixel range: `8/255` or `0.03`, 0 to 0.5. */
export function pixelShare(text: string): number {
  const [top, bottom = '1'] = text.split('/')
  const value = Number(top) / Number(bottom)
  if (text.split('/').length <= 2 && Number.isFinite(value) && value >= 0 && value <= 0.5) return value
  throw new InvalidArgumentError('a share of the pixel range from 0 to 0.5 is wanted, such as 8/255.')
}

/** Reads a number between two bounds. */
export function numberBetween(least: number, most: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (text.trim() !== '' && value >= least && value <= most) return value
    throw new InvalidArgumentError(`a number from ${least} to ${most} is wanted.`)
  }
}

/** A signal that fires at the first Ctrl+C, so that a run ends with a checkpoint. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort(new Error('interrupted')))
  return controller.signal
}
