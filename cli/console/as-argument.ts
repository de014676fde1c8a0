import { InvalidArgumentError } from 'commander'
import { asError } from '../../base/errors.ts'

/** Reads an option's value by `read`; whatever that throws is a usage error with its message. */
export function asArgument<T>(read: (text: string) => T): (text: string) => T {
  return text => {
    try {
      return read(text)
    } catch (error) {
      throw new InvalidArgumentError(`${asError(error).message}.`)
    }
  }
}
