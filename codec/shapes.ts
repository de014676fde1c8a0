import { Type } from 'cborg'
import { isNetError } from '../base/errors.ts'
import {
  type ImageId,
  imageId,
  type PeerId,
  peerId,
  type SharingId,
  type ShadowNumber,
  type Site,
  shadowNumber,
  sharingId,
  site
} from '../base/ids.ts'
import { ROLES, type Role } from '../base/roles.ts'
import { invalid, type Shape } from './codec.ts'

/** A whole number from `least` to `most`; at most 2^53 - 1. */
export function whole(least = 0, most: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return {
    plain: value => value,
    read: tokens => {
      const value: unknown = tokens.next(Type.uint).value
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
        throw invalid(`a number outside ${least} to ${most}`)
      }
      return value
    }
  }
}

/** True or false. */
export const bool: Shape<boolean> = {
  plain: value => value,
  read: tokens => tokens.next(Type.true, Type.false).value
}

/** From `least` to `most` bytes, read as a view of the message. */
export function bytes(least: number, most: number): Shape<Uint8Array> {
  return {
    plain: value => value,
    read: tokens => {
      const value: Uint8Array = tokens.next(Type.bytes).value
      if (value.length < least || value.length > most) throw invalid(`a byte string of ${value.length} bytes`)
      return new Uint8Array(value.buffer, value.byteOffset, value.length)
    }
  }
}

/** Text of `least` to `most` characters, all of it UTF-8. */
export function text(least: number, most: number): Shape<string> {
  return {
    plain: value => value,
    read: tokens => {
      const value: string = tokens.next(Type.string).value
      if (value.length < least || value.length > most) throw invalid(`a text of ${value.length} characters`)
      if (value.includes('\ufffd')) throw invalid('a text that is not UTF-8')
      return value
    }
  }
}

/** `length` bytes on the wire, their lower-case hex digits in the program. */
export function hex(length: number): Shape<string> {
  const raw = bytes(length, length)
  return {
    plain: value => Buffer.from(value, 'hex'),
    read: tokens => Buffer.from(raw.read(tokens)).toString('hex')
  }
}

/** A value that a check of `base/ids.ts` admits. */
export function checked<W, T extends W>(shape: Shape<W>, check: (value: W) => T): Shape<T> {
  return {
    plain: value => shape.plain(value),
    read: tokens => {
      const value = shape.read(tokens)
      try {
        return check(value)
      } catch (error) {
        throw isNetError(error, 'MESSAGE_INVALID') ? error : invalid('a value outside its range')
      }
    }
  }
}

/** At most `most` values of one shape. */
export function listOf<T>(shape: Shape<T>, most: number): Shape<T[]> {
  return {
    plain: values => values.map(value => shape.plain(value)),
    read: tokens => {
      const length: number = tokens.next(Type.array).value
      if (length > most) throw invalid(`a list of ${length} items`)
      const values: T[] = [] // grown as items arrive: a length alone allocates nothing
      for (let i = 0; i < length; i++) values.push(shape.read(tokens))
      return values
    }
  }
}

/** 32 bytes: {@link ImageId}. */
export const image: Shape<ImageId> = checked(hex(32), imageId)
/** 8 bytes: {@link SharingId}. */
export const sharing: Shape<SharingId> = checked(hex(8), sharingId)
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
