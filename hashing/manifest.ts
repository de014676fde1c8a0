import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { NetError } from '../base/errors.ts'

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'is a SHA-256 in lower-case hex')
const name = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'is 1 to 64 of a-z, 0-9, dot and dash')

/**
 * One trained model. The ONNX file takes `x`, float32 [N, 1, side, side] in 0 to 1 (view pixel / 255), and gives
 * `code<bits>`, float32 [N, bits], for each of `codeBits`: the signs are the code. What else training writes down (data
 * sets, seed, figures) is kept as it is.
 */
const modelEntry = z.looseObject({
  name,
  /** Name of the ONNX file, in the manifest's own folder. */
  file: name,
  /** SHA-256 of that file, hex. */
  digest,
  /** Its size. */
  bytes: z.int().min(1),
  view: z.strictObject({ version: z.literal(1), side: z.int().min(16).max(256) }),
  /** `viewDigest(view)`, so that another recipe of the same side is noticed. */
  viewDigest: digest,
  /** Code lengths, ascending. */
  codeBits: z
    .array(z.int().min(8).max(256).multipleOf(8))
    .min(1)
    .refine(all => all.every((bits, i) => i === 0 || bits > all[i - 1]), 'are ascending'),
  /** Where the file only adds to one that gave these very codes: that one's digest. It names the code space, so both compare. */
  codesOf: digest.optional(),
  /** Values of `descriptor`, float32 [N, values] from -127 to 127; left out: the file gives none. */
  descriptor: z.int().min(8).max(1024).optional(),
  /** The classes it was trained on. */
  classes: z.array(z.string().max(64)).max(10_000).optional()
})

const manifest = z.looseObject({
  version: z.literal(1),
  /** The model that is taken when none is named. */
  default: name,
  models: z.array(modelEntry).max(1000)
})

/** One entry of {@link ModelManifest}. */
export type ModelEntry = z.infer<typeof modelEntry>

/** `manifest.json` of a folder of trained models. */
export type ModelManifest = z.infer<typeof manifest>

/** Name of the manifest in its folder. */
export const MANIFEST_FILE = 'manifest.json'

/** Check a parsed manifest. @throws NetError `MODEL_INVALID` naming the first field that is wrong */
export function checkManifest(value: unknown): ModelManifest {
  const result = manifest.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new NetError(
    'MODEL_INVALID',
    `the model manifest is wrong at ${issue.path.join('.') || 'its top'}: ${issue.message}`
  )
}

/** Read and check the manifest of a folder. @throws NetError `MODEL_INVALID` when it is missing or wrong */
export async function readManifest(folder: string): Promise<ModelManifest> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(join(folder, MANIFEST_FILE), 'utf8'))
  } catch (cause) {
    throw new NetError('MODEL_INVALID', `no readable ${MANIFEST_FILE} in the models folder`, { cause })
  }
  return checkManifest(value)
}

/** The folder of the models that come with the package: what package.json names `#models`. */
export function shippedModels(): string {
  return dirname(createRequire(import.meta.url).resolve(`#models/${MANIFEST_FILE}`))
}
