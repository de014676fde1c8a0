/** Floats rounded to IEEE half precision (nearest, ties to even), as their 16-bit patterns. Too large becomes infinity. */
export function toHalves(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(Float32Array.from(values).buffer)
  return Uint16Array.from(bits, pattern => {
    const sign = (pattern >>> 16) & 0x8000
    const exponent = ((pattern >>> 23) & 255) - 112 // rebased from 127 to 15
    const fraction = pattern & 0x7fffff
    if (exponent >= 31) return sign | (exponent === 143 && fraction !== 0 ? 0x7e00 : 0x7c00)
    if (exponent <= -11) return sign
    const full = exponent > 0 ? (exponent << 23) | fraction : (fraction | 0x800000) >>> 0
    const drop = exponent > 0 ? 13 : 14 - exponent
    const half = full >>> drop
    const rest = full & (2 ** drop - 1)
    const middle = 2 ** (drop - 1)
    return sign | (half + (rest > middle || (rest === middle && (half & 1) === 1) ? 1 : 0))
  })
}

/** The floats of half-precision bit patterns, exact. */
export function fromHalves(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, half => {
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >>> 10) & 31
    const fraction = half & 1023
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
  })
}
