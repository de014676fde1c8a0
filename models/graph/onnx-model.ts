import { concat } from 'uint8arrays/concat'
import { bytesField, floatField, textField, varint, wholeField } from './protobuf.ts'

/** The attributes of a node: a number is written as an INT unless it is marked as `{ float }`. */
export type Attributes = Readonly<Record<string, number | readonly number[] | string | { readonly float: number }>>

/** One operator of an ONNX graph. */
export interface OnnxNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Attributes
}

/** A constant of an ONNX graph. A `Uint16Array` holds IEEE half-precision floats. */
export interface OnnxConstant {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array | BigInt64Array | Uint16Array
}

/** An input or output of an ONNX graph, float32; a name in place of a number is a dimension left open. */
export interface OnnxPort {
  readonly name: string
  readonly shape: readonly (number | string)[]
}

/** A whole ONNX model. */
export interface OnnxModel {
  readonly nodes: readonly OnnxNode[]
  readonly constants: readonly OnnxConstant[]
  readonly inputs: readonly OnnxPort[]
  readonly outputs: readonly OnnxPort[]
  /** Written as the file's metadata properties. */
  readonly metadata?: Readonly<Record<string, string>>
}

const IR_VERSION = 10
const OPSET = 21 // the first with Gelu (20) and with everything that ORT 1.30 optimises
const FLOAT = 1
const INT64 = 7
const FLOAT16 = 10
const ATTRIBUTE_TYPE = { float: 1, int: 2, text: 3, ints: 7 }

/** The bytes of an `.onnx` file (field numbers: onnx.proto3). */
export function encodeModel(model: OnnxModel): Uint8Array {
  const graph = concat([
    ...model.nodes.map(node => bytesField(1, encodeNode(node))),
    textField(2, 'sfmedir'),
    ...model.constants.map(constant => bytesField(5, encodeConstant(constant))),
    ...model.inputs.map(port => bytesField(11, encodePort(port))),
    ...model.outputs.map(port => bytesField(12, encodePort(port)))
  ])
  const metadata = Object.entries(model.metadata ?? {}).map(([key, value]) =>
    bytesField(14, textField(1, key), textField(2, value))
  )
  return concat([
    wholeField(1, IR_VERSION),
    textField(2, 'sfmedir'),
    bytesField(7, graph),
    bytesField(8, textField(1, ''), wholeField(2, OPSET)),
    ...metadata
  ])
}

function encodeNode({ op, inputs, outputs, attributes = {} }: OnnxNode): Uint8Array {
  return concat([
    ...inputs.map(name => textField(1, name)),
    ...outputs.map(name => textField(2, name)),
    textField(3, outputs[0]),
    textField(4, op),
    ...Object.entries(attributes).map(([name, value]) => bytesField(5, textField(1, name), encodeAttribute(value)))
  ])
}

function encodeAttribute(value: Attributes[string]): Uint8Array {
  if (typeof value === 'number') return concat([wholeField(3, value), wholeField(20, ATTRIBUTE_TYPE.int)])
  if (typeof value === 'string') return concat([textField(4, value), wholeField(20, ATTRIBUTE_TYPE.text)])
  if ('float' in value) return concat([floatField(2, value.float), wholeField(20, ATTRIBUTE_TYPE.float)])
  return concat([...value.map(item => wholeField(8, item)), wholeField(20, ATTRIBUTE_TYPE.ints)])
}

function encodeConstant({ name, shape, data }: OnnxConstant): Uint8Array {
  const type = data instanceof Float32Array ? FLOAT : data instanceof Uint16Array ? FLOAT16 : INT64
  return concat([
    bytesField(1, Uint8Array.from(shape.flatMap(size => varint(size)))),
    wholeField(2, type),
    textField(8, name),
    bytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  ])
}

function encodePort({ name, shape }: OnnxPort): Uint8Array {
  const dimensions = shape.map(size =>
    bytesField(1, typeof size === 'number' ? wholeField(1, size) : textField(2, size))
  )
  const tensor = bytesField(1, wholeField(1, FLOAT), bytesField(2, ...dimensions))
  return concat([textField(1, name), bytesField(2, tensor)])
}
