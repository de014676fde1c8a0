/** A view (side x side) moved by whole pixels; black where nothing came from. */
export function shifted(view: Uint8Array, side: number, { right, down }: { right: number; down: number }): Uint8Array {
  const moved = new Uint8Array(view.length)
  const first = Math.max(0, right)
  const last = Math.min(side, side + right)
  for (let y = Math.max(0, down); y < Math.min(side, side + down); y++) {
    moved.set(view.subarray((y - down) * side + first - right, (y - down) * side + last - right), y * side + first)
  }
  return moved
}
