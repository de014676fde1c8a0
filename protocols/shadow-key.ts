import { image, number, sharing } from './shapes.ts'

/** The three fields of a `ShadowKey`, in every message that names a shadow. */
export const SHADOW_KEY = Object.freeze({ image, sharing, number })
