import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { toString as toText } from 'uint8arrays/to-string'
import { NetError } from '../../base/errors.ts'
import { NET_METADATA } from './export-model.ts'
import { readFields } from '../graph/protobuf.ts'
import { fromHalves } from './half-floats.ts'
import { type NetConfig, parametersOf } from '../net/net-config.ts'

/** A net and its weights, as training and attacks need them. */
export interface TrainedNet {
  readonly net: NetConfig
  readonly weights: Float32Array<SharedArrayBuffer>
}

const GRAPH = 7
const METADATA = 14
const CONSTANT = 5
const CONSTANT_NAME = 8
const CONSTANT_BYTES = 9
const MAX_BYTES = 200_000_000

const netShape = z.strictObject({
  side: z.int().min(32).max(128).multipleOf(32),
  widths: z.array(z.int().min(1).max(2048)).length(4),
  depths: z.array(z.int().min(1).max(64)).length(4),
  codeBits: z.array(z.int().min(8).max(256).multipleOf(8)).min(1).max(8),
  descriptor: z.int().min(8).max(256).optional()
})

/**
 * The net and weights inside a model file that `exportModel` wrote, rounded as they are stored, so that what is attacked
 * and measured is what is served.
 * @throws NetError `MODEL_INVALID` (not there, not such a file, a weight missing, of the wrong size or not finite)
 */
export async function readModelFile(path: string): Promise<TrainedNet> {
  try {
    return decodeModel(await readFile(path))
  } catch (cause) {
    if (cause instanceof NetError) throw cause
    throw new NetError('MODEL_INVALID', 'the model file cannot be read', { cause })
  }
}

/** See {@link readModelFile}. @throws NetError `MODEL_INVALID` */
export function decodeModel(bytes: Uint8Array): TrainedNet {
  if (bytes.length > MAX_BYTES) throw invalid('is too large')
  const metadata = new Map<string, string>()
  const constants = new Map<string, Uint8Array>()
  try {
    for (const { field, value } of readFields(bytes)) {
      if (field === METADATA) metadata.set(textOf(value, 1), textOf(value, 2))
      if (field === GRAPH) collectConstants(value, constants)
    }
  } catch (cause) {
    throw new NetError('MODEL_INVALID', 'the model file is damaged', { cause })
  }
  const net = netOf(metadata.get(NET_METADATA))
  const parameters = parametersOf(net)
  const last = parameters[parameters.length - 1]
  const weights = new Float32Array(new SharedArrayBuffer(4 * (last.offset + last.size)))
  for (const { name, offset, size } of parameters) {
    const raw = constants.get(`${name}/half`)
    if (raw === undefined || raw.length !== 2 * size) throw invalid(`has no ${name} of this net's size`)
    weights.set(fromHalves(new Uint16Array(Uint8Array.from(raw).buffer)), offset)
  }
  if (!weights.every(Number.isFinite)) throw invalid('has weights that are not finite')
  return { net, weights }
}

function netOf(text: string | undefined): NetConfig {
  if (text === undefined) throw invalid('does not say which net it is')
  try {
    return netShape.parse(JSON.parse(text))
  } catch (cause) {
    throw new NetError('MODEL_INVALID', 'the model file describes a net that does not exist', { cause })
  }
}

function collectConstants(graph: number | Uint8Array, into: Map<string, Uint8Array>): void {
  for (const { field, value } of readFields(bytesOf(graph))) {
    if (field === CONSTANT) into.set(textOf(value, CONSTANT_NAME), fieldOf(value, CONSTANT_BYTES))
  }
}

function fieldOf(message: number | Uint8Array, wanted: number): Uint8Array {
  for (const { field, value } of readFields(bytesOf(message))) if (field === wanted) return bytesOf(value)
  return new Uint8Array(0)
}

function textOf(message: number | Uint8Array, wanted: number): string {
  return toText(fieldOf(message, wanted))
}

function bytesOf(value: number | Uint8Array): Uint8Array {
  if (typeof value === 'number') throw new RangeError('a number where a message belongs')
  return value
}

function invalid(fault: string): NetError {
  return new NetError('MODEL_INVALID', `the model file ${fault}`)
}
