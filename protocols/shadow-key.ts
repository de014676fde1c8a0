import { image, number, sharing } from '../codec/shapes.ts'

/** The three fields of a `ShadowKey`, in every message that names a shadow. */
export const SHADOW_KEY = Object.freeze({ image, sharing, number })
