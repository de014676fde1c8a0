import { concat } from 'uint8arrays/concat'
import { lengthOf } from '../message-size.ts'
import { CHUNK_BYTES, type WireStream } from './wire-stream.ts'

const HEADER_BYTES = 9

/** Kind of a frame to the answering end that asks something. */
export const ASK = 0
/** Kind of a frame to the answering end that withdraws the request of its id. */
export const WITHDRAW = 1
/** Most requests one shared stream carries at a time; the asking end keeps itself to half of it. */
export const MAX_IN_HAND = 64

/** The beginning of a frame: length (u32), id (u32), kind (u8); then come that many bytes. */
export interface FrameHeader {
  readonly length: number
  readonly id: number
  /** To the answering end, what is wanted; to the asking end, the status of the answer. */
  readonly kind: number
}

/** The next frame's header. Between frames a stream may be silent for days; within one for `stallMs`. */
export async function readHeader(wire: WireStream, stallMs: number): Promise<FrameHeader> {
  const first = await wire.read(1)
  const header = concat([first, await wire.read(HEADER_BYTES - 1, { stallMs })])
  const view = new DataView(header.buffer, header.byteOffset)
  return { length: view.getUint32(0), id: view.getUint32(4), kind: header[8] }
}

/** A frame in parts, a small one in one: each part is a message of its own to the encryption below. */
export function frame(id: number, kind: number, body: readonly Uint8Array[] = []): Uint8Array[] {
  const header = new Uint8Array(HEADER_BYTES)
  const view = new DataView(header.buffer)
  view.setUint32(0, lengthOf(body))
  view.setUint32(4, id)
  header[8] = kind
  return lengthOf(body) < CHUNK_BYTES ? [concat([header, ...body])] : [header, ...body]
}
