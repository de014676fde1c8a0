import { isUtf8 } from 'node:buffer'
import { encode, type Token, Tokenizer, Type } from 'cborg'
import { toString as toText } from 'uint8arrays/to-string'
import { concat } from 'uint8arrays/concat'
import { isNetError, NetError } from '../base/errors.ts'

/** Bytes from and to outside. `decode` checks everything and gives a value that can be trusted. */
export interface Codec<T> {
  /** What its messages may be: one shape, or several that exclude each other. */
  readonly shapes?: readonly Shape<unknown>[]
  /** @throws NetError `MESSAGE_INVALID` when the value would not be read back */
  encode(value: T): Uint8Array
  /** The bytes of `encode` in pieces, large byte strings as they are: what is sent need not be copied. */
  encodeParts?(value: T): Uint8Array[]
  /** @throws NetError `MESSAGE_INVALID` */
  decode(bytes: Uint8Array): T
}

/**
 * How one kind of value stands in bytes: what cborg is to encode, and how to read it back token by token. Reading
 * follows the shape, never the sender: depth, counts and lengths are checked before anything is built from them. Both ways
 * the same values pass.
 */
export interface Shape<T> {
  /** What it is made of, for who makes examples of it. */
  readonly form: Form
  /** The value as cborg encodes it. @throws NetError `MESSAGE_INVALID` when it is none of this shape */
  plain(value: T): unknown
  /** Read one value. @throws NetError `MESSAGE_INVALID` */
  read(tokens: Tokens): T
}

/** What a {@link Shape} is made of. Counts and lengths are from `least` to `most`. */
export type Form =
  | { readonly kind: 'whole'; readonly least: number; readonly most: number }
  | { readonly kind: 'bytes'; readonly least: number; readonly most: number }
  | { readonly kind: 'text'; readonly least: number; readonly most: number }
  | { readonly kind: 'bool' }
  | { readonly kind: 'list'; readonly of: Shape<unknown>; readonly least: number; readonly most: number }
  | { readonly kind: 'null-or'; readonly of: Shape<unknown> }
  /** Only some of what `of` is: the shape says which. */
  | { readonly kind: 'checked'; readonly of: Shape<unknown> }
  | { readonly kind: 'map'; readonly fields: readonly FormField[] }
  /** An array of constants and then of values. */
  | { readonly kind: 'array'; readonly start: readonly (number | string)[]; readonly items: readonly FormField[] }

/** A named part of a {@link Form}. */
interface FormField {
  readonly name: string
  readonly shape: Shape<unknown>
  readonly required: boolean
}

/** The tokens of a message, one after the other. */
export interface Tokens {
  /** The next token, which must be of this type, or of the other. @throws NetError `MESSAGE_INVALID` */
  next(type: Type, other?: Type): Token
  /** The next value, which must be text. @throws NetError `MESSAGE_INVALID` */
  text(): string
  /** Take the next token if it is null; whether it was. */
  takeNull(): boolean
}

/** Names the fault, never the bytes: they may be somebody's image. */
export function invalid(fault: string): NetError {
  return new NetError('MESSAGE_INVALID', fault)
}

/** The error met in a field, with the field's name if it is the bytes' or the value's fault. */
export function inField(name: string, error: unknown): unknown {
  return isNetError(error, 'MESSAGE_INVALID') ? invalid(`${name}: ${error.message}`) : error
}

/** The codec of one shape: canonical CBOR (RFC 8949 4.2.3, length-first keys), nothing before, after or optional in form. */
export function codec<T>(shape: Shape<T>): Codec<T> {
  return {
    shapes: [shape as Shape<unknown>], // to be read only
    encode: value => encode(shape.plain(value)),
    encodeParts: value => encodeParts(shape.plain(value)),
    decode: bytes => decodeShape(shape, bytes)
  }
}

/** A codec of two message forms; a message is of the first that fits it. `isFirst` tells them apart when encoding. */
export function eitherCodec<A, B>(
  first: Codec<A>,
  second: Codec<B>,
  isFirst: (value: A | B) => value is A
): Codec<A | B> {
  return {
    shapes: [...(first.shapes ?? []), ...(second.shapes ?? [])],
    encode: value => (isFirst(value) ? first.encode(value) : second.encode(value)),
    encodeParts: value => (isFirst(value) ? partsOf(first, value) : partsOf(second, value)),
    decode: bytes => {
      try {
        return first.decode(bytes)
      } catch {
        return second.decode(bytes) // says what is wrong when neither fits
      }
    }
  }
}

/** A message in pieces; in one, if its codec knows no better. */
export function partsOf<T>(codec: Codec<T>, value: T): Uint8Array[] {
  return codec.encodeParts?.(value) ?? [codec.encode(value)]
}

const COPY_BELOW = 16 * 1024
const MAP_HEADER = 0xa0 // plus the number of fields, below 24

// Fresh memory is what a copy costs: 4 MiB took 12 ms here, a fifth of the time it may be under way.
function encodeParts(plain: unknown): Uint8Array[] {
  if (!isMap(plain) || !Object.values(plain).some(isLarge)) return [encode(plain)]
  const names = Object.keys(plain).sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  const parts: Uint8Array[] = [Uint8Array.of(MAP_HEADER + names.length)]
  for (const name of names) {
    const value = plain[name]
    parts.push(encode(name))
    if (isLarge(value)) parts.push(bytesHeader(value.length), value)
    else parts.push(encode(value))
  }
  return joinSmall(parts)
}

function isMap(plain: unknown): plain is Readonly<Record<string, unknown>> {
  return typeof plain === 'object' && plain !== null && Object.getPrototypeOf(plain) === Object.prototype
}

function isLarge(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length >= COPY_BELOW
}

function bytesHeader(length: number): Uint8Array {
  const empty = encode(length) // the length's canonical form; only the major type differs
  empty[0] |= 0x40
  return empty
}

function joinSmall(parts: readonly Uint8Array[]): Uint8Array[] {
  const joined: Uint8Array[] = []
  let small: Uint8Array[] = []
  for (const part of parts) {
    if (part.length < COPY_BELOW) small.push(part)
    else {
      joined.push(concat(small), part)
      small = []
    }
  }
  return small.length > 0 ? [...joined, concat(small)] : joined
}

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
  retainStringBytes: true
}
const NULL = 0xf6
const EMPTY = new Uint8Array()

function decodeShape<T>(shape: Shape<T>, bytes: Uint8Array): T {
  const tokens = new StrictTokens(bytes)
  const value = shape.read(tokens)
  if (!tokens.done()) throw invalid('bytes after the end')
  return value
}

class StrictTokens implements Tokens {
  readonly #bytes: Buffer
  readonly #tokenizer: Tokenizer

  constructor(bytes: Uint8Array) {
    // As a Buffer, so that byte strings are views of the message and a shadow is not copied once more.
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#tokenizer = new Tokenizer(this.#bytes, STRICT)
  }

  done(): boolean {
    return this.#tokenizer.done()
  }

  next(type: Type, other: Type = type): Token {
    if (this.#tokenizer.done()) throw invalid('an early end')
    let token: Token
    try {
      token = this.#tokenizer.next()
    } catch {
      throw invalid('not canonical CBOR')
    }
    if (Type.equals(token.type, type) || Type.equals(token.type, other)) return token
    throw invalid(`a ${token.type.name} where a ${type.name} belongs`)
  }

  text(): string {
    const { value, byteValue = EMPTY } = this.next(Type.string)
    const isAscii = byteValue.length === value.length && !value.includes('\ufffd')
    if (isAscii) return value
    // cborg drops a byte order mark and replaces what is not UTF-8: two texts would have one value.
    if (!isUtf8(byteValue)) throw invalid('a text that is not UTF-8')
    return toText(byteValue)
  }

  takeNull(): boolean {
    if (this.#bytes[this.#tokenizer.pos()] !== NULL) return false
    this.#tokenizer.next()
    return true
  }
}
