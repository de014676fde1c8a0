/** How the real peers of a cluster run. */
export interface RealInit {
  /** Where shadows and records lie. Slaves with a process of their own always use the disk. */
  readonly stores?: 'memory' | 'disk'
  /** `one`: all peers in this process; `own`: every slave in its own, to be killed and frozen by signals. */
  readonly processes?: 'one' | 'own'
  /** Ms that every message between two peers of this process takes more, each way. */
  readonly latencyMs?: number
}

/** Defaults of {@link RealInit}. */
export const REAL_DEFAULTS: Required<RealInit> = Object.freeze({ stores: 'memory', processes: 'one', latencyMs: 0 })
