import { Type } from 'cborg'
import { isNetError } from '../base/errors.ts'
import {
  type ImageId,
  type PeerId,
  peerId,
  type SharingId,
  type ShadowNumber,
  type Site,
  shadowNumber,
  site
} from '../base/ids.ts'
import { ROLES, type Role } from '../base/roles.ts'
import { invalid, type Shape } from './codec.ts'

/** A whole number from `least` to `most`; at most 2^53 - 1. */
export function whole(least = 0, most: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  const inRange = (value: number): number => {
    if (!Number.isSafeInteger(value) || value < least || value > most) throw invalid(`not from ${least} to ${most}`)
    return value
  }
  return { form: { kind: 'whole', least, most }, plain: inRange, read: tokens => inRange(tokens.next(Type.uint).value) }
}

/** True or false. */
export const bool: Shape<boolean> = {
  form: { kind: 'bool' },
  plain: value => value,
  read: tokens => tokens.next(Type.true, Type.false).value
}

/** From `least` to `most` bytes, read as a view of the message. */
export function bytes(least: number, most: number): Shape<Uint8Array> {
  const inRange = (value: Uint8Array): Uint8Array => {
    if (value.length < least || value.length > most) throw invalid(`${value.length} bytes, not ${least} to ${most}`)
    return value
  }
  return {
    form: { kind: 'bytes', least, most },
    plain: inRange,
    read: tokens => {
      const { buffer, byteOffset, length } = inRange(tokens.next(Type.bytes).value)
      return new Uint8Array(buffer, byteOffset, length)
    }
  }
}

/** Text of `least` to `most` characters, all of it UTF-8. */
export function text(least: number, most: number): Shape<string> {
  const inRange = (value: string): string => {
    if (value.length < least || value.length > most)
      throw invalid(`${value.length} characters, not ${least} to ${most}`)
    return value
  }
  return { form: { kind: 'text', least, most }, plain: inRange, read: tokens => inRange(tokens.text()) }
}

/** `length` bytes in the message, their lower-case hex digits in the program. `T`: the id that such digits are. */
function hex<T extends string = string>(length: number): Shape<T> {
  const raw = bytes(length, length)
  const digits = new RegExp(`^[0-9a-f]{${2 * length}}$`)
  return {
    form: raw.form,
    plain: value => {
      if (!digits.test(value)) throw invalid(`not ${2 * length} lower-case hex digits`)
      return Buffer.from(value, 'hex') // Node's hex: uint8arrays takes six times as long, half of a record's decoding
    },
    read: tokens => {
      const { buffer, byteOffset } = raw.read(tokens)
      return Buffer.from(buffer, byteOffset, length).toString('hex') as T // so many digits
    }
  }
}

/** A value that passes a check, say one of `base/ids.ts`, or one of fields that must agree. */
export function checked<W, T extends W>(shape: Shape<W>, check: (value: W) => T): Shape<T> {
  const pass = (value: W): T => {
    try {
      return check(value)
    } catch (error) {
      throw isNetError(error, 'MESSAGE_INVALID') ? error : invalid('a value outside its range')
    }
  }
  return {
    form: { kind: 'checked', of: shape as Shape<unknown> }, // to be read only
    plain: value => shape.plain(pass(value)),
    read: tokens => pass(shape.read(tokens))
  }
}

/** At least `least` and at most `most` values of one shape. */
export function listOf<T>(shape: Shape<T>, most: number, least = 0): Shape<T[]> {
  const checkLength = (length: number): void => {
    if (length < least || length > most) throw invalid(`a list of ${length} items, not ${least} to ${most}`)
  }
  return {
    form: { kind: 'list', of: shape as Shape<unknown>, least, most }, // to be read only
    plain: values => {
      checkLength(values.length)
      return values.map(value => shape.plain(value))
    },
    read: tokens => {
      const length: number = tokens.next(Type.array).value
      checkLength(length)
      const values: T[] = [] // grown as items arrive: a length alone allocates nothing
      for (let i = 0; i < length; i++) values.push(shape.read(tokens))
      return values
    }
  }
}

/** A value or none: null in the message, undefined in the program. */
export function orNull<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    form: { kind: 'null-or', of: shape as Shape<unknown> }, // to be read only
    plain: value => (value === undefined ? null : shape.plain(value)),
    read: tokens => (tokens.takeNull() ? undefined : shape.read(tokens))
  }
}

/** A time in ms since 1970, at most the last that a `Date` can show. */
export const instant: Shape<number> = whole(0, 8_640_000_000_000_000)
/** 32 bytes: {@link ImageId}. */
export const image: Shape<ImageId> = hex(32)
/** 8 bytes: {@link SharingId}. */
export const sharing: Shape<SharingId> = hex(8)
/** 1 to 255: {@link ShadowNumber}. */
export const number: Shape<ShadowNumber> = checked(whole(1, 255), shadowNumber)
/** 32 bytes: a SHA-256 digest, in the program as hex. */
export const digest: Shape<string> = hex(32)
/** Text: {@link PeerId}. */
export const peer: Shape<PeerId> = checked(text(46, 60), peerId)
/** Text: {@link Site}. */
export const place: Shape<Site> = checked(text(1, 64), site)
/** Text: one of {@link ROLES}. */
export const role: Shape<Role> = checked(text(1, 16), value => {
  const found = ROLES.find(known => known === value)
  if (found === undefined) throw invalid('a role that does not exist')
  return found
})
