import { withDefaults } from '../../base/options.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const MIB = 1024 * 1024

/** When, and how fast, a master repairs. */
export interface RepairPolicy {
  /** An image is shared anew when it has lost a shadow and no more than r + `margin` good ones are left. */
  readonly margin: number
  /** A slave that is silent for so long, at this master and at another, has lost its shadows, in ms. */
  readonly afterMs: number
  /** What was lost is looked at this often, in ms. */
  readonly scanMs: number
  /** A master that is not the owner of a repair takes it over when it is still needed after so long, in ms. */
  readonly takeOverMs: number
  /** Images that are shared anew at one time; 0 for a master that repairs none. */
  readonly atOnce: number
  /** What the repairs of this master move in all directions, bytes a second, while it has nothing else to do. */
  readonly bytesPerSecond: number
}

/** Defaults of {@link RepairPolicy}. */
export const REPAIR_DEFAULTS: RepairPolicy = Object.freeze({
  margin: 1, // one slave more may go while the repair lasts, and none for nothing: docs/reliability.md
  afterMs: 15 * MINUTE_MS, // a machine starts anew, an operator changes a cable: no loss
  scanMs: 5 * SECOND_MS,
  takeOverMs: 5 * MINUTE_MS, // longer than one repair takes
  atOnce: 4, // while one waits for a disk the others compute
  bytesPerSecond: 32 * MIB // a quarter of a line of 1 Gbit/s
})

/** A whole policy over the defaults. @throws RangeError naming the field that is out of range */
export function repairPolicy(init: Partial<RepairPolicy> = {}): RepairPolicy {
  const policy = withDefaults(REPAIR_DEFAULTS, init)
  for (const [name, value] of Object.entries(policy)) {
    if (!(Number.isFinite(value) && value >= 0)) throw new RangeError(`repair.${name} must be 0 or more, not ${value}`)
  }
  if (policy.bytesPerSecond === 0 || policy.scanMs === 0)
    throw new RangeError('repair.bytesPerSecond and scanMs must be above 0')
  return policy
}
