/**
 * `defaults` overlaid with the fields of `init` that are set. An explicit `undefined` keeps the default
 * (`{...defaults, ...init}` would erase it). Neither argument is changed.
 */
export function withDefaults<T extends object>(defaults: T, init: Partial<T> = {}): T {
  const set = Object.entries(init).filter(([, value]) => value !== undefined)
  return { ...defaults, ...Object.fromEntries(set) }
}

/** @throws RangeError naming `name` unless `value` is a whole number from `least` to `most` */
export function checkWhole(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, not ${value}`)
  }
}
