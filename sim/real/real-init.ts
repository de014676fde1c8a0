/** Where the real peers of a cluster may keep what they hold. */
export const STORES = Object.freeze(['memory', 'disk'] as const)

/** In which processes its slaves may run: all in this one, or each in its own. */
export const PROCESSES = Object.freeze(['one', 'own'] as const)

/** How the real peers of a cluster run. */
export interface RealInit {
  /** Where shadows and records lie. Slaves with a process of their own always use the disk. */
  readonly stores?: (typeof STORES)[number]
  /** `one`: all peers in this process; `own`: every slave in its own, to be killed and frozen by signals. */
  readonly processes?: (typeof PROCESSES)[number]
  /** Ms that every message between two peers of this process takes more, each way. */
  readonly latencyMs?: number
}

/** Defaults of {@link RealInit}. */
export const REAL_DEFAULTS: Required<RealInit> = Object.freeze({ stores: 'memory', processes: 'one', latencyMs: 0 })
