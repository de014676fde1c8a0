// Speed of splitting and rebuilding by both shadow schemes on one core, in MB/s of encrypted image, and how much faster
// WebAssembly is than the TypeScript it is tested against, in the same run. `node bench/shadows.ts [--json]`.
import { toString as toText } from 'uint8arrays/to-string'
import { sha256Hex } from '../base/bytes.ts'
import { imageId, shadowNumber, sharingId } from '../base/ids.ts'
import { randomBytes, systemRandom } from '../base/random.ts'
import { baiScheme } from '../crypto/shadows/bai-scheme.ts'
import { disperseScheme } from '../crypto/disperse/disperse-scheme.ts'
import type { ShadowScheme } from '../crypto/shadow-scheme.ts'

const KIB = 1024
const SIZES = [512 * KIB, 4096 * KIB]
const POLICIES = [
  [2, 3],
  [6, 10]
] as const
const BYTES_PER_FIGURE = 64 * 1024 * KIB // so that each figure is the median of 16 rounds or more
const SCRIPT_BYTES = 32 * KIB // the plain version is measured on less
const SCRIPT_ROUNDS = 3

/** One line of the table. */
export interface ShadowFigure {
  readonly scheme: string
  readonly engine: 'wasm' | 'script'
  readonly threshold: number
  readonly total: number
  readonly bytes: number
  /** Medians, in 10^6 bytes of encrypted image a second. */
  readonly splitMBs: number
  /** From the first r shadows: all data fragments are at hand. */
  readonly rebuildMBs: number
  /** From the last r shadows: as many data fragments as can be are missing. */
  readonly rebuildLastMBs: number
  /** All shadows together, as a multiple of the encrypted image. */
  readonly storage: number
}

interface Run {
  readonly scheme: ShadowScheme
  readonly engine: 'wasm' | 'script'
  readonly policy: readonly [number, number]
  readonly bytes: number
  readonly rounds: number
}

/** Measure everything. Takes about ten seconds. */
export function measureShadows(): ShadowFigure[] {
  const figures = SIZES.flatMap(bytes =>
    POLICIES.flatMap(policy =>
      [baiScheme(), disperseScheme()].map(scheme =>
        measure({ scheme, engine: 'wasm', policy, bytes, rounds: Math.ceil(BYTES_PER_FIGURE / bytes) })
      )
    )
  )
  const scheme = baiScheme({ engine: 'script' })
  const plain = POLICIES.map(policy =>
    measure({ scheme, engine: 'script', policy, bytes: SCRIPT_BYTES, rounds: SCRIPT_ROUNDS })
  )
  return [...figures, ...plain]
}

function measure({ scheme, engine, policy: [threshold, total], bytes, rounds }: Run): ShadowFigure {
  const encrypted = randomBytes(systemRandom, bytes)
  const sharing = sharingId(toText(randomBytes(systemRandom, 8), 'hex'))
  const macKey = randomBytes(systemRandom, 32)
  const digest = sha256Hex(encrypted)
  const plan = { image: imageId(sha256Hex(encrypted)), sharing, threshold, total, macKey, random: systemRandom }
  const shadows = scheme.make(encrypted, plan)
  const rebuild = (first: number): void => {
    const opened = shadows
      .slice(first, first + threshold)
      .map((shadow, i) => scheme.open(shadow, { ...plan, number: shadowNumber(first + i + 1) }))
    scheme.rebuild(opened, { ...plan, size: bytes, digest })
  }
  const speed = (action: () => void): number => bytes / 1e3 / medianMs(action, rounds)
  return {
    scheme: scheme.name,
    engine,
    threshold,
    total,
    bytes,
    splitMBs: speed(() => scheme.make(encrypted, plan)),
    rebuildMBs: speed(() => rebuild(0)),
    rebuildLastMBs: speed(() => rebuild(total - threshold)),
    storage: shadows.reduce((sum, shadow) => sum + shadow.length, 0) / bytes
  }
}

function medianMs(action: () => void, rounds: number): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now()
    action()
    return performance.now() - start
  })
  return times.sort((a, b) => a - b)[rounds >> 1]
}

/** The figures as a table, and under it the ratios that do not depend on the machine. */
export function shadowTable(figures: readonly ShadowFigure[]): string {
  const lines = figures.map(figure => {
    const { scheme, engine, threshold, total, bytes, storage } = figure
    const name = `${scheme} (${threshold},${total})${engine === 'script' ? ' plain' : ''}`
    const speeds = [figure.splitMBs, figure.rebuildMBs, figure.rebuildLastMBs].map(speed =>
      speed.toFixed(1).padStart(9)
    )
    return `${name.padEnd(20)}${`${bytes / KIB} KiB`.padStart(9)}${speeds.join('')}${storage.toFixed(2).padStart(9)}`
  })
  const ratios = POLICIES.map(([threshold, total]) => {
    const of = (engine: string) =>
      figures.find(figure => figure.scheme === 'bai' && figure.engine === engine && figure.threshold === threshold)
    const times = (key: 'splitMBs' | 'rebuildMBs'): string =>
      ((of('wasm')?.[key] ?? Number.NaN) / (of('script')?.[key] ?? Number.NaN)).toFixed(0)
    return `WebAssembly over plain, bai (${threshold},${total}): split ${times('splitMBs')}x, rebuild ${times('rebuildMBs')}x`
  })
  const title = `${'MB/s'.padEnd(29)}${['split', 'rebuild', 'from last', 'storage'].map(word => word.padStart(9)).join('')}`
  return [title, ...lines, ...ratios].join('\n')
}

if (process.argv[1] === import.meta.filename) {
  const figures = measureShadows()
  console.log(process.argv.includes('--json') ? JSON.stringify(figures) : shadowTable(figures))
}
