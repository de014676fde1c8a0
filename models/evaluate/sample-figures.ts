import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeImage } from '../../hashing/decode-image.ts'
import type { HashModel } from '../../hashing/hash-model.ts'
import { makeView } from '../../hashing/make-view.ts'
import type { View } from '../../hashing/view.ts'
import type { LabelledCodes } from './average-precision.ts'
import { measureRetrieval } from './measure-retrieval.ts'

/** A small, fixed part of a data set: files as `split/class/file`, named by the first 16 digits of their SHA-256. */
export interface ImageSample {
  readonly set: string
  readonly queries: readonly string[]
  readonly database: readonly string[]
}

/** Whether all files of a sample are in the data folder. */
export function hasSample(data: string, { set, queries, database }: ImageSample): boolean {
  return [...queries, ...database].every(name => existsSync(join(data, set, name)))
}

/** mAP@100 of a served model on a sample, from the image files: decoder, view, ONNX file and ranking as in service. */
export async function sampleMap(
  data: string,
  sample: ImageSample,
  { model, bits }: { model: HashModel; bits: number }
): Promise<number> {
  const classes = [...new Set([...sample.queries, ...sample.database].map(classOf))].sort()
  const codesOf = async (names: readonly string[]): Promise<LabelledCodes> => {
    const views: View[] = []
    for (const name of names) {
      views.push(makeView(await decodeImage(await readFile(join(data, sample.set, name))), model.viewSpec))
    }
    const codes = await model.hash(views, bits)
    const bytes = new Uint8Array(codes.flatMap(code => [...code.bytes]))
    return { width: bits >> 3, bytes, labels: Int32Array.from(names, name => classes.indexOf(classOf(name))) }
  }
  return measureRetrieval(await codesOf(sample.queries), await codesOf(sample.database)).map['100']
}

function classOf(name: string): string {
  return name.split('/')[1]
}
