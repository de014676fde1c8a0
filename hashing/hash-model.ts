import { NetError } from '../base/errors.ts'
import type { CodeSpace, HashCode } from './hash-code.ts'
import type { ModelEntry } from './manifest.ts'
import type { View, ViewSpec } from './view.ts'

/** The shared model of FCAT (the paper's Fig. 5) that turns views of images into hash codes. Loaded, never trained, here. */
export interface HashModel {
  /** Its name in `models/weights/manifest.json`. */
  readonly name: string
  readonly viewSpec: ViewSpec
  /** The lengths its heads give, in bits, ascending. */
  readonly codeBits: readonly number[]
  /** What its codes of this length compare with. @throws NetError `CODE_LENGTH_MISMATCH` for a length it does not give */
  space(bits: number): CodeSpace
  /** One code a view, with the descriptor of the same run, in order, batched (CxtHashGen). @throws NetError `CODE_LENGTH_MISMATCH`, `MODEL_INVALID` */
  hash(views: readonly View[], bits: number): Promise<HashCode[]>
  close(): Promise<void>
}

/** What codes of this length of a model compare with. @throws NetError `CODE_LENGTH_MISMATCH` for a length it does not give */
export function codeSpaceOf({ name, codeBits, digest, codesOf, viewDigest }: ModelEntry, bits: number): CodeSpace {
  if (codeBits.includes(bits)) return { model: codesOf ?? digest, view: viewDigest, bits }
  const message = `model ${name} gives codes of ${codeBits.join(', ')} bits, not ${bits}`
  throw new NetError('CODE_LENGTH_MISMATCH', message, { detail: { bits } })
}
