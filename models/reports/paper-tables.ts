// The cells of the paper's Tables 5 to 10 for its own model (backbone ConvNeXt), to stand beside our figures.

/** The paper's mAP for one data set, training and code length. Its tables do not say how ties and divisors are treated. */
export interface PaperCells {
  /** Normal queries at k = 100, 200, 500 and 1000 (Tables 5 to 7). */
  readonly map: Readonly<Record<string, number>>
  /** Normal and attacked queries side by side, k not given, on ten images (Tables 8 to 10). */
  readonly normal: number
  readonly attacked: number
}

type Row = readonly [bits8: number, bits16: number, bits32: number, bits64: number]

interface Block {
  readonly map: Readonly<Record<string, Row>>
  readonly normal: Row
  readonly attacked: Row
}

const LENGTHS = Object.freeze([8, 16, 32, 64])

const TABLES: Readonly<Record<string, { readonly clean: Block; readonly robust: Block }>> = Object.freeze({
  'a-mri': {
    clean: {
      map: {
        100: [0.81, 0.91, 0.87, 0.85],
        200: [0.8, 0.89, 0.85, 0.73],
        500: [0.78, 0.88, 0.83, 0.72],
        1000: [0.72, 0.79, 0.8, 0.71]
      },
      normal: [0.81, 0.89, 0.84, 0.73],
      attacked: [0.01, 0.05, 0.03, 0.01]
    },
    robust: {
      map: {
        100: [0.82, 0.88, 0.84, 0.81],
        200: [0.8, 0.85, 0.82, 0.71],
        500: [0.76, 0.8, 0.78, 0.68],
        1000: [0.71, 0.72, 0.69, 0.65]
      },
      normal: [0.8, 0.88, 0.84, 0.73],
      attacked: [0.73, 0.83, 0.75, 0.61]
    }
  },
  't-mri': {
    clean: {
      map: {
        100: [0.94, 0.98, 0.96, 0.94],
        200: [0.93, 0.95, 0.94, 0.93],
        500: [0.9, 0.93, 0.92, 0.92],
        1000: [0.89, 0.9, 0.91, 0.92]
      },
      normal: [0.94, 0.96, 0.93, 0.92],
      attacked: [0.12, 0.12, 0.12, 0.18]
    },
    robust: {
      map: {
        100: [0.94, 0.94, 0.92, 0.91],
        200: [0.9, 0.9, 0.92, 0.9],
        500: [0.9, 0.88, 0.92, 0.87],
        1000: [0.8, 0.85, 0.81, 0.77]
      },
      normal: [0.93, 0.95, 0.93, 0.92],
      attacked: [0.86, 0.9, 0.84, 0.8]
    }
  },
  'k-ct': {
    clean: {
      map: {
        100: [0.93, 0.95, 0.95, 0.93],
        200: [0.92, 0.94, 0.91, 0.91],
        500: [0.92, 0.94, 0.91, 0.91],
        1000: [0.92, 0.93, 0.9, 0.9]
      },
      normal: [0.93, 0.95, 0.92, 0.91],
      attacked: [0.11, 0.11, 0.11, 0.17]
    },
    robust: {
      map: {
        100: [0.92, 0.94, 0.92, 0.91],
        200: [0.92, 0.94, 0.91, 0.89],
        500: [0.91, 0.93, 0.91, 0.86],
        1000: [0.91, 0.93, 0.9, 0.86]
      },
      normal: [0.92, 0.94, 0.92, 0.91],
      attacked: [0.85, 0.89, 0.83, 0.79]
    }
  }
})

/** The cells for a data set by its folder's name, `robust` for a model after adversarial training; none for others. */
export function paperCells(set: string, { robust, bits }: { robust: boolean; bits: number }): PaperCells | undefined {
  const at = LENGTHS.indexOf(bits)
  if (at < 0 || !Object.hasOwn(TABLES, set)) return undefined
  const { map, normal, attacked } = TABLES[set][robust ? 'robust' : 'clean']
  return {
    map: Object.fromEntries(Object.entries(map).map(([k, row]) => [k, row[at]])),
    normal: normal[at],
    attacked: attacked[at]
  }
}
