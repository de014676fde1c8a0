import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Hex } from '../../base/bytes.ts'
import { NetError } from '../../base/errors.ts'
import { viewDigest } from '../../hashing/make-view.ts'
import { MANIFEST_FILE, type ModelEntry, readManifest, shippedModels } from '../../hashing/manifest.ts'
import { readModelFile, type TrainedNet } from './model-file.ts'

/** A model with what its manifest says of it. */
export interface FoundModel extends TrainedNet {
  readonly name: string
  /** Class names by index; left out for a file that stands in no manifest. */
  readonly classes?: readonly string[]
  /** Whether its manifest says that it was trained on attacked images. */
  readonly robust: boolean
  /** The split it was trained on, when that was not the folders of its data set, and the seed of a split by clusters. */
  readonly split?: string
  readonly splitSeed?: string
}

/** Where `sfmedir train` writes models, unless it is told otherwise: from the folder that it runs in. */
export const TRAINED_MODELS = 'models/trained'

/**
 * The model that FILE|NAME means: a path to an `.onnx` file, or an entry of the manifest in one of `folders`, the first
 * that has it: unless given, of the shipped models, then of those trained here.
 * @throws NetError `MODEL_INVALID` (no such model, another file or view recipe than the manifest says, damaged)
 */
export async function findModel(
  fileOrName: string,
  folders: readonly string[] = [shippedModels(), TRAINED_MODELS]
): Promise<FoundModel> {
  if (fileOrName.endsWith('.onnx')) {
    if (!existsSync(fileOrName)) throw new NetError('MODEL_INVALID', 'there is no such model file')
    return { name: fileOrName, robust: false, ...(await readModelFile(fileOrName)) }
  }
  const known: string[] = []
  for (const folder of folders.filter(each => existsSync(join(each, MANIFEST_FILE)))) {
    const { models } = await readManifest(folder)
    const entry = models.find(model => model.name === fileOrName)
    if (entry !== undefined) return readEntry(entry, folder)
    known.push(...models.map(model => model.name))
  }
  throw new NetError('MODEL_INVALID', `no model is named so; there are ${known.join(', ') || 'none'}`)
}

async function readEntry(entry: ModelEntry, folder: string): Promise<FoundModel> {
  const path = join(folder, entry.file)
  if (viewDigest(entry.view) !== entry.viewDigest || sha256Hex(await bytesOf(path)) !== entry.digest) {
    throw new NetError('MODEL_INVALID', `model ${entry.name} is not the one that its manifest describes`)
  }
  return {
    name: entry.name,
    classes: entry.classes,
    robust: isRobust(entry),
    split: note(entry, 'split'),
    splitSeed: note(entry, 'splitSeed'),
    ...(await readModelFile(path))
  }
}

/** Index in the model's classes of each class of the images; several sets in one model are told apart as `set/class`. */
export function centresOf(
  model: FoundModel,
  { classes, set }: { classes: readonly string[]; set: string }
): { classes: number; index: Int32Array } {
  const known = model.classes ?? classes
  const index = Int32Array.from(classes, name => {
    const at = known.indexOf(name)
    return at >= 0 ? at : known.indexOf(`${set}/${name}`)
  })
  const missing = classes.filter((_, at) => index[at] < 0)
  if (missing.length > 0) throw new NetError('DATASET_INVALID', `the model knows no class ${missing.join(', ')}`)
  return { classes: known.length, index }
}

/** By the settings that training writes down, or the command in entries without them. */
function isRobust(entry: ModelEntry): boolean {
  const { settings } = entry
  if (typeof settings === 'object' && settings !== null) return 'adversarial' in settings
  return /--(adversarial|method)\b/.test(note(entry, 'command') ?? '')
}

function note(entry: ModelEntry, field: string): string | undefined {
  const value = entry[field]
  return typeof value === 'string' ? value : undefined
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new NetError('MODEL_INVALID', 'the model file cannot be read', { cause })
  }
}
