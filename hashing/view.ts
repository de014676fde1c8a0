/** The fixed recipe from decoded samples to what the model sees. Its digest is part of every record and query. */
export interface ViewSpec {
  readonly version: 1
  /** Width and height in pixels, 16 to 256. */
  readonly side: number
}

/** What the model sees of an image: one grey plane, row by row, 0 (black) to 255. */
export interface View {
  readonly side: number
  readonly pixels: Uint8Array
}
