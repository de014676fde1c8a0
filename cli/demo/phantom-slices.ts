import sharp from 'sharp'

/** An ellipsoid of the phantom: its grey, half axes, centre and turn about z in degrees, in units of half the picture. */
type Ellipsoid = readonly [grey: number, a: number, b: number, c: number, x: number, y: number, z: number, turn: number]

// The head phantom of Shepp and Logan in three dimensions, after Kak and Slaney, Principles of Computerized Tomographic
// Imaging (1988), table 3.2, with the contrast of Toft's version so that eyes and nets see something.
const HEAD: readonly Ellipsoid[] = [
  [1, 0.69, 0.92, 0.9, 0, 0, 0, 0],
  [-0.8, 0.6624, 0.874, 0.88, 0, -0.0184, 0, 0],
  [-0.2, 0.41, 0.16, 0.21, -0.22, 0, -0.25, 108],
  [-0.2, 0.31, 0.11, 0.22, 0.22, 0, -0.25, 72],
  [0.1, 0.21, 0.25, 0.5, 0, 0.35, -0.25, 0],
  [0.1, 0.046, 0.046, 0.046, 0, 0.1, -0.25, 0],
  [0.1, 0.046, 0.023, 0.02, -0.08, -0.65, -0.25, 0],
  [0.1, 0.046, 0.023, 0.02, 0.06, -0.65, -0.25, 90],
  [0.2, 0.056, 0.04, 0.1, 0.06, -0.105, 0.625, 90],
  [-0.2, 0.056, 0.056, 0.1, 0, 0.1, 0.625, 0]
]
const SIDE = 160 // pixels
const FIRST_Z = -0.6
const LAST_Z = 0.7

/** Slices of a head phantom from bottom to top, as PNG files of 160 by 160 pixels: real enough to show where no image lies. */
export function phantomSlices(count: number): Promise<Uint8Array[]> {
  const step = count > 1 ? (LAST_Z - FIRST_Z) / (count - 1) : 0
  return Promise.all(
    Array.from({ length: count }, (_, at) =>
      sharp(slice(FIRST_Z + at * step), RAW)
        .png()
        .toBuffer()
    )
  )
}

const RAW = Object.freeze({ raw: Object.freeze({ width: SIDE, height: SIDE, channels: 1 as const }) })

function slice(z: number): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE)
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const [x, y] = [(2 * column) / (SIDE - 1) - 1, 1 - (2 * row) / (SIDE - 1)]
      const grey = HEAD.reduce((sum, each) => sum + (isInside(each, [x, y, z]) ? each[0] : 0), 0)
      pixels[row * SIDE + column] = Math.round(255 * Math.min(1, Math.max(0, grey)))
    }
  }
  return pixels
}

function isInside([, a, b, c, cx, cy, cz, turn]: Ellipsoid, [x, y, z]: readonly number[]): boolean {
  const angle = (turn * Math.PI) / 180
  const [dx, dy, dz] = [x - cx, y - cy, z - cz]
  const along = dx * Math.cos(angle) + dy * Math.sin(angle)
  const across = dy * Math.cos(angle) - dx * Math.sin(angle)
  return (along / a) ** 2 + (across / b) ** 2 + (dz / c) ** 2 <= 1
}
