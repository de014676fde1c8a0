// The five lines of protocol buffers that an ONNX file needs: tags, varints, fixed 32-bit floats, lengths.

import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'

/** `value` as a base-128 varint; negative numbers as 64-bit two's complement. */
export function varint(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return bytes
}

/** A whole-number field. */
export function wholeField(field: number, value: number | bigint): Uint8Array {
  return Uint8Array.from([...varint(field << 3), ...varint(value)])
}

/** A 32-bit float field. */
export function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(new Float32Array([value]).buffer)
  return Uint8Array.from([...varint((field << 3) | 5), ...bytes])
}

/** A bytes or sub-message field. */
export function bytesField(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat([...parts])
  return concat([Uint8Array.from([...varint((field << 3) | 2), ...varint(body.length)]), body])
}

/** A text field. */
export function textField(field: number, value: string): Uint8Array {
  return bytesField(field, fromString(value))
}

/** One field as read: its number and its value (a number, or the bytes of a text or sub-message). */
export interface ProtobufField {
  readonly field: number
  readonly value: number | Uint8Array
}

/** The fields of a message in order. @throws RangeError when a length runs past the end or a wire type is unknown */
export function* readFields(message: Uint8Array): Generator<ProtobufField> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  let at = 0
  const readVarint = (): number => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      if (at >= message.length || shift > 63n) throw new RangeError('message ends within a number')
      const byte = message[at++]
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return Number(BigInt.asIntN(64, value))
    }
  }
  while (at < message.length) {
    const tag = readVarint()
    const field = tag >>> 3
    if ((tag & 7) === 0) yield { field, value: readVarint() }
    else if ((tag & 7) === 5) {
      if (at + 4 > message.length) throw new RangeError('message ends within a float')
      yield { field, value: view.getFloat32(at, true) }
      at += 4
    } else if ((tag & 7) === 2) {
      const length = readVarint()
      if (length < 0 || at + length > message.length) throw new RangeError('message ends within a field')
      yield { field, value: message.subarray(at, at + length) }
      at += length
    } else throw new RangeError(`wire type ${tag & 7} is not read`)
  }
}
