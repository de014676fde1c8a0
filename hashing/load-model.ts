import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Hex } from '../base/bytes.ts'
import { NetError } from '../base/errors.ts'
import type { HashModel } from './hash-model.ts'
import { openModelThread } from './model-thread.ts'
import { viewDigest } from './make-view.ts'
import { type ModelEntry, readManifest, shippedModels } from './manifest.ts'

/** What {@link loadModel} may be told. */
export interface LoadModelInit {
  /** Folder with `manifest.json` and the ONNX files; the shipped models when left out. */
  readonly folder?: string
}

/**
 * Load the model of this name, the manifest's default when it is left out. Nothing of it is trusted before its digest,
 * its view recipe and its outputs have been checked. Takes some 0.2 s.
 * @throws NetError `MODEL_INVALID` no manifest, no such model, another file than promised, another view recipe, not ONNX
 */
export async function loadModel(name?: string, { folder = shippedModels() }: LoadModelInit = {}): Promise<HashModel> {
  const manifest = await readManifest(folder)
  const wanted = name ?? manifest.default
  const entry = manifest.models.find(model => model.name === wanted)
  if (entry === undefined) {
    const known = manifest.models.map(model => model.name).join(', ') || 'none'
    throw new NetError('MODEL_INVALID', `no model is named ${JSON.stringify(wanted)}; there are: ${known}`)
  }
  const bytes = await readModelFile(folder, entry)
  if (viewDigest(entry.view) !== entry.viewDigest) {
    throw new NetError('MODEL_INVALID', `model ${entry.name} was made for another view recipe`)
  }
  return openModelThread(bytes, entry)
}

async function readModelFile(folder: string, { name, file, digest, bytes: expected }: ModelEntry): Promise<Uint8Array> {
  const bytes = await readFile(join(folder, file)).catch((cause: unknown) => {
    throw new NetError('MODEL_INVALID', `the file of model ${name} cannot be read`, { cause })
  })
  if (bytes.length !== expected || sha256Hex(bytes) !== digest) {
    const detail = { bytes: bytes.length, expected }
    throw new NetError('MODEL_INVALID', `the file of model ${name} is not the one in the manifest`, { detail })
  }
  return bytes
}
