/** A probability as people read it: 0.0281, 1.63e-3, 0; a dash when there is none. */
export function probability(value: number): string {
  if (Number.isNaN(value)) return '–'
  if (value === 0) return '0'
  return value < 0.01 ? value.toExponential(2) : value.toPrecision(3)
}

/** A count with separators: 20,000,000. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}
