import { encode, type Token, Tokenizer, Type } from 'cborg'
import { NetError } from '../base/errors.ts'
import type { Codec } from './network.ts'

/**
 * How one kind of value stands in a message: what cborg is to encode, and how to read it back token by token. Reading
 * follows the shape, never the sender: depth, counts and lengths are checked before anything is built from them.
 */
export interface Shape<T> {
  /** The value as cborg encodes it. */
  plain(value: T): unknown
  /** Read one value. @throws NetError `MESSAGE_INVALID` */
  read(tokens: Tokens): T
}

/** The tokens of a message, one after the other. */
export interface Tokens {
  /** The next token, which must be of one of these types. @throws NetError `MESSAGE_INVALID` */
  next(...types: readonly Type[]): Token
}

/** Names the fault, never the bytes: they may be somebody's image. */
export function invalid(fault: string): NetError {
  return new NetError('MESSAGE_INVALID', `a message was refused: ${fault}`)
}

/** The codec of one shape: canonical CBOR (RFC 8949 4.2.3, length-first keys), nothing before, after or optional in form. */
export function codec<T>(shape: Shape<T>): Codec<T> {
  return { encode: value => encode(shape.plain(value)), decode: bytes => decodeShape(shape, bytes) }
}

/** A codec of two message forms; a message is of the first that fits it. `isFirst` tells them apart when encoding. */
export function eitherCodec<A, B>(
  first: Codec<A>,
  second: Codec<B>,
  isFirst: (value: A | B) => value is A
): Codec<A | B> {
  return {
    encode: value => (isFirst(value) ? first.encode(value) : second.encode(value)),
    decode: bytes => {
      try {
        return first.decode(bytes)
      } catch {
        return second.decode(bytes) // says what is wrong when neither fits
      }
    }
  }
}

const STRICT = { strict: true, allowIndefinite: false, allowUndefined: false, allowBigInt: false }

function decodeShape<T>(shape: Shape<T>, bytes: Uint8Array): T {
  // As a Buffer, so that byte strings are views of the message and a shadow is not copied once more.
  const tokenizer = new Tokenizer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), STRICT)
  const value = shape.read({ next: (...types) => nextToken(tokenizer, types) })
  if (!tokenizer.done()) throw invalid('bytes after its end')
  return value
}

function nextToken(tokenizer: Tokenizer, types: readonly Type[]): Token {
  if (tokenizer.done()) throw invalid('it ends too early')
  let token: Token
  try {
    token = tokenizer.next()
  } catch {
    throw invalid('not canonical CBOR')
  }
  if (!types.some(type => Type.equals(token.type, type))) {
    throw invalid(`a ${token.type.name} where a ${types[0].name} belongs`)
  }
  return token
}
