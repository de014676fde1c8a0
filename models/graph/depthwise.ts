import { type Graph, sizeOf, type Tensor, withRules } from './graph.ts'
import { rawBatchMatMul, rawGemm, rawTranspose } from './matrix.ts'
import { rawReshape } from './shape.ts'

const KERNEL = 7
const REACH = 3
const TAPS = KERNEL * KERNEL
const WHOLE_PLANE = 8 // up to this height one matrix a channel covers the whole plane
const BLOCK_ROWS = 4 // above it: this many output rows from BLOCK_ROWS + 6 input rows

/**
 * Depthwise 7x7 convolution, padding 3, of x[C,N,H,W] with kernel[C,49], as batched matrix products: the kernel is
 * spread into a Toeplitz matrix a channel (kernel · S, S constant 0/1), which multiplies rows of the image. ORT's own
 * grouped Conv is many times slower when its weights are inputs, as they are in training.
 */
export function depthwise(graph: Graph, x: Tensor, kernel: Tensor): Tensor {
  const plan = planOf(graph, x.shape)
  return withRules(
    apply(graph, plan, { x, kernel, mirrored: false }),
    [x, kernel],
    [
      gradient => apply(graph, plan, { x: gradient, kernel, mirrored: true }),
      gradient => kernelGradient(graph, plan, { x, gradient })
    ]
  )
}

interface Plan {
  readonly shape: readonly number[]
  readonly rowsIn: number
  readonly rowsOut: number
  readonly blocks: number
  readonly select: (mirrored: boolean) => Tensor
}

function planOf(graph: Graph, shape: readonly number[]): Plan {
  const [, , height, width] = shape
  const whole = height <= WHOLE_PLANE
  if (!whole && height % BLOCK_ROWS !== 0) throw new RangeError(`height ${height} is not a multiple of ${BLOCK_ROWS}`)
  const rowsIn = whole ? height : BLOCK_ROWS + 2 * REACH
  const rowsOut = whole ? height : BLOCK_ROWS
  const made = new Map<boolean, Tensor>()
  const select = (mirrored: boolean): Tensor => {
    const known = made.get(mirrored)
    if (known !== undefined) return known
    const data = selection({ rowsIn, rowsOut, width, offset: whole ? REACH : 0, mirrored })
    const tensor = graph.constant(data, [TAPS, rowsIn * width * rowsOut * width])
    made.set(mirrored, tensor)
    return tensor
  }
  return { shape, rowsIn, rowsOut, blocks: height / rowsOut, select }
}

/** S: which tap of the kernel joins input pixel (row, column) to output pixel (row, column), as 0/1. */
function selection(of: { rowsIn: number; rowsOut: number; width: number; offset: number; mirrored: boolean }) {
  const columns = of.rowsIn * of.width * of.rowsOut * of.width
  const data = new Float32Array(TAPS * columns)
  for (let rowIn = 0; rowIn < of.rowsIn; rowIn++) {
    for (let rowOut = 0; rowOut < of.rowsOut; rowOut++) {
      const tapRow = rowIn - rowOut + of.offset
      if (tapRow < 0 || tapRow >= KERNEL) continue
      for (let columnIn = 0; columnIn < of.width; columnIn++) {
        for (let columnOut = 0; columnOut < of.width; columnOut++) {
          const tapColumn = columnIn - columnOut + REACH
          if (tapColumn < 0 || tapColumn >= KERNEL) continue
          const tap = tapRow * KERNEL + tapColumn
          const to = ((rowIn * of.width + columnIn) * of.rowsOut + rowOut) * of.width + columnOut
          data[(of.mirrored ? TAPS - 1 - tap : tap) * columns + to] = 1
        }
      }
    }
  }
  return data
}

function apply(graph: Graph, plan: Plan, with_: { x: Tensor; kernel: Tensor; mirrored: boolean }): Tensor {
  const [channels, , , width] = plan.shape
  const spread = rawGemm(graph, [with_.kernel, plan.select(with_.mirrored)])
  const toeplitz = rawReshape(graph, spread, [channels, plan.rowsIn * width, plan.rowsOut * width])
  return rawReshape(graph, rawBatchMatMul(graph, inputRows(graph, plan, with_.x), toeplitz), plan.shape)
}

/** The rows of x that each block of output rows sees: [C, N·blocks, rowsIn·W]. */
function inputRows(graph: Graph, plan: Plan, x: Tensor): Tensor {
  const [channels, images, height, width] = plan.shape
  const to = [channels, images * plan.blocks, plan.rowsIn * width]
  if (plan.blocks === 1) return rawReshape(graph, x, to)
  const padded = graph.node('Pad', [x, graph.whole([0, 0, REACH, 0, 0, 0, REACH, 0])], {
    shape: [channels, images, height + 2 * REACH, width]
  })
  const rows = Array.from({ length: plan.blocks }, (_, block) =>
    Array.from({ length: plan.rowsIn }, (_, row) => block * plan.rowsOut + row)
  ).flat()
  const gathered = graph.node('Gather', [padded, graph.whole(rows)], {
    shape: [channels, images, rows.length, width],
    attributes: { axis: 2 }
  })
  return rawReshape(graph, gathered, to)
}

function kernelGradient(graph: Graph, plan: Plan, of: { x: Tensor; gradient: Tensor }): Tensor {
  const [channels, images, , width] = plan.shape
  const rows = inputRows(graph, plan, of.x)
  const outputs = rawReshape(graph, of.gradient, [channels, images * plan.blocks, plan.rowsOut * width])
  const joint = rawBatchMatMul(graph, rawTranspose(graph, rows), outputs)
  const flat = rawReshape(graph, joint, [channels, sizeOf(joint.shape) / channels])
  return rawGemm(graph, [flat, plan.select(false)], { transB: 1 })
}
