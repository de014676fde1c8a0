import type { RowKernel } from '../row-kernel.ts'
import { formFor } from '../shadows/content-form.ts'
import { type RandomPlan, startShadows } from '../shadows/sealed-shadows.ts'
import { SCHEME_IDS } from '../shadows/shadow-format.ts'

const CHUNK_BYTES = 262_144 // sealed at once

/** Seal the whole image under a fresh key, disperse it and share the key: the reference beside the paper's scheme. */
export function disperseImage(encrypted: Uint8Array, plan: RandomPlan, kernel: RowKernel): Uint8Array[] {
  const scheme = SCHEME_IDS.disperse
  const form = formFor({ scheme, size: encrypted.length, threshold: plan.threshold })
  const making = startShadows({ ...form, scheme }, plan, kernel)
  for (let at = 0; at < encrypted.length; at += CHUNK_BYTES) {
    making.sealer.write(encrypted.subarray(at, at + CHUNK_BYTES))
  }
  return making.finish()
}
