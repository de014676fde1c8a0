import type { Fault } from './fault.ts'

/** No space left on device. */
export const fillDisk: Fault = {
  about: "fill a peer's disk; value 0 makes room again",
  hits: 'any',
  value: random => random.below(2),
  apply: ({ target, value }) => target.disk.fill(value !== 0)
}
