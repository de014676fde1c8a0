/** The largest frequency whose strength counts, in periods a view. */
const REACH = 14
/** The largest frequency whose phase counts: finer ones turn with every disturbance. */
const PHASE_REACH = 4
const ROWS = 2 * REACH + 1 // vertical frequencies from -REACH to REACH
const COLUMNS = REACH + 2 // horizontal ones from -1: the rest follows, as a view is real

/** Half of the strength below which a frequency is noise: what keeps roots and quotients smooth. */
export const SPECTRUM_FLOOR = 0.5
/** The power of |F|² that its strength is taken to. */
export const STRENGTH_POWER = 1 / 4
/** The power of |F|² by which each factor of a triple product is tamed. */
export const TAMING_POWER = -1 / 3

/** Rows of the spectrum by their place in it. */
export interface SpectrumRows {
  /** Frequencies whose strength counts. */
  readonly strengths: readonly number[]
  /** Triples a + b = c of frequencies: the phase of F(c) F(a)* F(b)* is that of no shift. */
  readonly triples: readonly { readonly sum: number; readonly one: number; readonly other: number }[]
}

/** Which frequencies a spectrum is made of. */
export const SPECTRUM_ROWS: SpectrumRows = Object.freeze({ strengths: strengths(), triples: triples() })
/** How many complex numbers the transform gives. */
export const FREQUENCIES = ROWS * COLUMNS
/** What a value of mean 0 and variance 1 is multiplied with before it is rounded to a byte: four deviations fit. */
export const VALUE_DEVIATION = 30
/** How many numbers a spectrum has: strengths, then real and imaginary parts of the triples. */
export const SPECTRUM_SIZE = SPECTRUM_ROWS.strengths.length + 2 * SPECTRUM_ROWS.triples.length

/** The transform of a view under a Hann window as two matrices: `across` [S,2C] from the right, `along` [2R,2S] from the left. */
export interface TransformMatrices {
  readonly across: Float32Array
  readonly along: Float32Array
  readonly rows: number
  readonly columns: number
}

/** {@link TransformMatrices} for views of this side. */
export function transformMatrices(side: number): TransformMatrices {
  const across = new Float32Array(side * 2 * COLUMNS)
  const along = new Float32Array(2 * ROWS * 2 * side)
  for (let at = 0; at < side; at++) {
    const window = Math.sin((Math.PI * (at + 1)) / (side + 1)) ** 2
    for (let column = 0; column < COLUMNS; column++) {
      const angle = (2 * Math.PI * (column - 1) * at) / side
      across[at * 2 * COLUMNS + column] = window * Math.cos(angle)
      across[at * 2 * COLUMNS + COLUMNS + column] = window * Math.sin(angle)
    }
    for (let row = 0; row < ROWS; row++) {
      const angle = (2 * Math.PI * (row - REACH) * at) / side
      const [cos, sin] = [window * Math.cos(angle), window * Math.sin(angle)]
      const [real, imaginary] = [row * 2 * side, (ROWS + row) * 2 * side]
      along[real + at] = cos
      along[real + side + at] = -sin
      along[imaginary + at] = -sin
      along[imaginary + side + at] = -cos
    }
  }
  return { across, along, rows: ROWS, columns: COLUMNS }
}

/** The half plane of frequencies (u down, v across) up to a reach: the other half is its mirror. */
function halfPlane(reach: number): { u: number; v: number }[] {
  const all = range(0, reach + 1).flatMap(v => range(-reach, reach + 1).map(u => ({ u, v })))
  return all.filter(({ u, v }) => u * u + v * v <= reach * reach && (v > 0 || u >= 0))
}

function placeOf({ u, v }: { u: number; v: number }): number {
  return (u + REACH) * COLUMNS + v + 1
}

function strengths(): readonly number[] {
  return Object.freeze(halfPlane(REACH).map(placeOf))
}

function triples(): SpectrumRows['triples'] {
  const firsts = [
    { u: 1, v: 0 },
    { u: 0, v: 1 }
  ]
  return Object.freeze(
    firsts.flatMap(one =>
      halfPlane(PHASE_REACH)
        // what is left out is a real number, or stands there already
        .filter(({ u, v }) => (u !== 0 || v !== 0) && (u !== one.u || v !== one.v) && (one.v === 0 || v > 0))
        .map(sum => ({
          sum: placeOf(sum),
          one: placeOf({ u: sum.u - one.u, v: sum.v - one.v }),
          other: placeOf(one)
        }))
    )
  )
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at)
}
