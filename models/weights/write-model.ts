import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromString } from 'uint8arrays/from-string'
import { sha256Hex } from '../../base/bytes.ts'
import { isNetError, NetError, systemCode } from '../../base/errors.ts'
import { viewDigest } from '../../hashing/make-view.ts'
import { MANIFEST_FILE, type ModelEntry, type ModelManifest, readManifest } from '../../hashing/manifest.ts'
import { exportModel } from './export-model.ts'
import type { NetConfig } from '../net/net-config.ts'

/** A model to be kept in a folder of models. */
export interface ModelToWrite {
  /** Its name in the manifest: a-z, 0-9, dot and dash. */
  readonly name: string
  readonly net: NetConfig
  readonly weights: Float32Array
  readonly classes: readonly string[]
  /** What else the manifest says of it: data, seed, command, figures. */
  readonly notes: Readonly<Record<string, unknown>>
  /** Whether it becomes the folder's default. */
  readonly isDefault?: boolean
}

/**
 * Write a model as `NAME.onnx` into `folder` and enter it in the folder's manifest in place of an entry of that name.
 * @throws NetError `FILE_UNWRITABLE`, `MODEL_INVALID` (the manifest there is damaged)
 */
export async function writeModel(folder: string, model: ModelToWrite): Promise<ModelEntry> {
  const bytes = exportModel(model.net, model.weights)
  const view = { version: 1, side: model.net.side } as const
  const entry: ModelEntry = {
    name: model.name,
    file: `${model.name}.onnx`,
    digest: sha256Hex(bytes),
    bytes: bytes.length,
    view,
    viewDigest: viewDigest(view),
    codeBits: [...model.net.codeBits],
    classes: [...model.classes],
    ...(model.net.descriptor === undefined ? {} : { descriptor: model.net.descriptor }),
    ...model.notes
  }
  await writeWhole(folder, entry.file, bytes)
  await changeManifest(folder, manifest => ({
    ...manifest,
    default: model.isDefault === true || manifest.models.length === 0 ? entry.name : manifest.default,
    models: [...manifest.models.filter(({ name }) => name !== entry.name), entry]
  }))
  return entry
}

/**
 * Put the file of a net that has the codes of the model of this name, bit for bit, and a descriptor beside them, in the place
 * of that model's. Its codes keep the name of their space: what is stored under them is found as before.
 * @throws NetError `MODEL_INVALID` when there is no such model, `FILE_UNWRITABLE`
 */
export async function addDescriptor(
  folder: string,
  name: string,
  { net, weights, notes }: Pick<ModelToWrite, 'net' | 'weights' | 'notes'>
): Promise<void> {
  const entry = (await readManifest(folder)).models.find(model => model.name === name)
  if (entry === undefined) throw new NetError('MODEL_INVALID', `no model is named ${name}`)
  const bytes = exportModel(net, weights)
  await writeWhole(folder, entry.file, bytes)
  await addNotes(folder, name, {
    digest: sha256Hex(bytes),
    bytes: bytes.length,
    codesOf: entry.codesOf ?? entry.digest,
    descriptor: net.descriptor,
    descriptorTraining: notes
  })
}

/** Add notes (figures, say) to the entry of this name. @throws NetError `MODEL_INVALID` when there is none, `FILE_UNWRITABLE` */
export async function addNotes(folder: string, name: string, notes: Readonly<Record<string, unknown>>): Promise<void> {
  await changeManifest(folder, manifest => {
    if (!manifest.models.some(model => model.name === name)) {
      throw new NetError('MODEL_INVALID', `no model is named ${name}`)
    }
    return { ...manifest, models: manifest.models.map(model => (model.name === name ? { ...model, ...notes } : model)) }
  })
}

async function changeManifest(folder: string, change: (manifest: ModelManifest) => ModelManifest): Promise<void> {
  const manifest = change(await manifestOf(folder))
  await writeWhole(folder, MANIFEST_FILE, fromString(`${JSON.stringify(manifest, null, 2)}\n`))
}

async function manifestOf(folder: string): Promise<ModelManifest> {
  try {
    return await readManifest(folder)
  } catch (error) {
    const isMissing = isNetError(error, 'MODEL_INVALID') && systemCode(error.cause) === 'ENOENT'
    if (!isMissing) throw error
    return { version: 1, default: 'none', models: [] }
  }
}

async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, `${name}.part`), bytes)
    await rename(join(folder, `${name}.part`), join(folder, name))
  } catch (cause) {
    throw new NetError('FILE_UNWRITABLE', `${name} cannot be written`, { cause })
  }
}
