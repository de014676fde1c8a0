/** Where the Hénon map stands, both in units of 2^-28. */
export interface HenonState {
  readonly x: number
  readonly y: number
}

const FRACTION_BITS = 28n
const ONE = 1n << FRACTION_BITS
const A = 375_809_638n // floor(1.4·2^28)
const B = 80_530_636n // floor(0.3·2^28)

/** One step of the Hénon map x' = 1 - 1.4 x^2 + y, y' = 0.3 x in fixed point with 4 + 28 bits. */
function henonStep({ x, y }: HenonState): HenonState {
  const wide = BigInt(x)
  const square = (wide * wide) >> FRACTION_BITS
  return {
    x: Number(BigInt.asIntN(32, ONE - ((A * square) >> FRACTION_BITS) + BigInt(y))),
    y: Number(BigInt.asIntN(32, (B * wide) >> FRACTION_BITS))
  }
}

/** `count` values of x after `burnIn` steps that are thrown away. */
export function henonSamples(start: HenonState, burnIn: number, count: number): number[] {
  let state = start
  const samples: number[] = []
  for (let step = 0; step < burnIn + count; step++) {
    state = henonStep(state)
    if (step >= burnIn) samples.push(state.x)
  }
  return samples
}
