/** The level of a view (side x side) between its pixels; `column` and `row` lie in 0 to side - 1. */
export function bilinear(view: Uint8Array, side: number, { column, row }: { column: number; row: number }): number {
  const left = Math.floor(column)
  const top = Math.floor(row)
  const right = left + 1 < side ? left + 1 : left
  const below = (top + 1 < side ? top + 1 : top) * side
  const above = top * side
  const part = column - left
  const upper = view[above + left] + part * (view[above + right] - view[above + left])
  const lower = view[below + left] + part * (view[below + right] - view[below + left])
  return upper + (row - top) * (lower - upper)
}
