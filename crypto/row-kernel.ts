import { growTo, wasmInstances } from '../base/wasm.ts'
import { multiply } from './gf256.ts'

/** Rows of equal length and what is to be summed from them. */
interface RowSums {
  /** One row of weights for each sum, one weight for each row. */
  readonly weights: readonly Uint8Array[]
  readonly rows: readonly Uint8Array[]
  /** Where the sums go: as many as `weights`, as long as the rows. */
  readonly sums: readonly Uint8Array[]
}

/** Weighted sums of byte rows over GF(2^8): sums[p] = Σ_j weights[p][j]·rows[j]. */
export interface RowKernel {
  combine(job: RowSums): void
}

/** The plain version: slow, short, and what the fast one is tested against. */
export const scriptRowKernel: RowKernel = Object.freeze({
  combine({ weights, rows, sums }: RowSums): void {
    sums.forEach((sum, p) => {
      sum.fill(0)
      rows.forEach((row, j) => {
        const products = Uint8Array.from({ length: 256 }, (_, value) => multiply(weights[p][j], value))
        for (let at = 0; at < sum.length; at++) sum[at] ^= products[row[at]]
      })
    })
  }
})

interface RowModule {
  readonly memory: WebAssembly.Memory
  combine(
    rows: number,
    rowCount: number,
    sums: number,
    sumCount: number,
    weights: number,
    stride: number,
    length: number
  ): void
}

const TABLES = 65_536 // first page is the module's own
const WEIGHTS = TABLES + 256 * 32
const STRIDE = 8192 // columns worked on at once: six rows and four sums stay in a 256 KiB cache

const newRowModule = wasmInstances<RowModule>(new URL('./row-kernel.wasm', import.meta.url))
let kept: RowModule | undefined

/** The WebAssembly version: 16 columns at a time. One per thread, made when first used; its memory is kept between calls. */
export const wasmRowKernel: RowKernel = Object.freeze({
  combine({ weights, rows, sums }: RowSums): void {
    if (sums.length === 0) return
    kept ??= openModule()
    const { memory, combine } = kept
    const rowBase = Math.ceil((WEIGHTS + sums.length * rows.length) / 16) * 16
    const sumBase = rowBase + rows.length * STRIDE
    growTo(memory, sumBase + sums.length * STRIDE)
    const bytes = new Uint8Array(memory.buffer)
    for (const [p, row] of weights.entries()) bytes.set(row, WEIGHTS + p * rows.length)
    for (let at = 0; at < sums[0].length; at += STRIDE) {
      const length = Math.min(STRIDE, sums[0].length - at)
      for (const [j, row] of rows.entries()) bytes.set(row.subarray(at, at + length), rowBase + j * STRIDE)
      combine(rowBase, rows.length, sumBase, sums.length, WEIGHTS, STRIDE, length)
      for (const [p, sum] of sums.entries()) {
        const from = sumBase + p * STRIDE
        sum.set(bytes.subarray(from, from + length), at)
      }
    }
  }
})

function openModule(): RowModule {
  const module = newRowModule()
  growTo(module.memory, WEIGHTS)
  fillTables(new Uint8Array(module.memory.buffer, TABLES, WEIGHTS - TABLES))
  return module
}

function fillTables(tables: Uint8Array): void {
  for (let constant = 0; constant < 256; constant++) {
    for (let nibble = 0; nibble < 16; nibble++) {
      tables[constant * 32 + nibble] = multiply(constant, nibble)
      tables[constant * 32 + 16 + nibble] = multiply(constant, nibble << 4)
    }
  }
}
