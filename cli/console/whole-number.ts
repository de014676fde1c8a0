import { InvalidArgumentError } from 'commander'

/** Reads an option's value as a whole number from `least` to `most`; anything else is a usage error. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`a whole number from ${least} to ${most} is wanted.`)
  }
}
