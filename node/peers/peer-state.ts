import type { Clock } from '../../base/clock.ts'
import type { Member } from '../../base/roles.ts'
import type { LivenessAnswer } from '../../protocols/liveness.ts'
import { LatencyWindow } from './latency-window.ts'

/** `alive`: answered last time. `suspect`: never asked, or missed a beat. `dead`: missed several in a row. */
export type Standing = 'alive' | 'suspect' | 'dead'

const LEAST_BEAT_LIMIT_MS = 1_000 // a garbage collection or a busy disk is not a death
const MOST_BEAT_LIMIT_MS = 5_000
const SLACK = 4 // times the 95th percentile
const STRIKE_HALF_LIFE_MS = 24 * 3600 * 1000 // a slave that behaves is trusted again

/** What is known of one peer. */
export class PeerState {
  readonly member: Member
  /** Times of its beats. */
  readonly beats = new LatencyWindow()
  /** Times in which it gave shadows, for units of work. */
  readonly reads = new LatencyWindow()
  /** Times in which it kept shadows, for units of work. */
  readonly writes = new LatencyWindow()
  /** Its last answer to `liveness`. */
  vitals: LivenessAnswer | undefined
  /** The beat that is under way. */
  beating: Promise<boolean> | undefined
  readonly #clock: Clock
  readonly #deadAfterMisses: number
  #misses = 0
  #met = false
  #heardAt: number
  #strikes = 0
  #struckAt = 0

  constructor(member: Member, clock: Clock, deadAfterMisses: number) {
    this.member = member
    this.#clock = clock
    this.#deadAfterMisses = deadAfterMisses
    this.#heardAt = clock.monotonic()
  }

  /** Requests in a row that it did not answer. */
  get misses(): number {
    return this.#misses
  }

  /** How it stands. */
  get standing(): Standing {
    if (this.#misses >= this.#deadAfterMisses) return 'dead'
    return this.#met && this.#misses === 0 ? 'alive' : 'suspect'
  }

  /** For how long it has not been heard, or watched in vain, in ms; 0 when it answered last time it was asked. */
  get silentMs(): number {
    return this.standing === 'alive' ? 0 : this.#clock.monotonic() - this.#heardAt
  }

  /** It answered. */
  heard(): void {
    this.#met = true
    this.#misses = 0
    this.#heardAt = this.#clock.monotonic()
  }

  /** It did not answer. */
  missed(): void {
    this.#misses++
  }

  /** It gave a wrong, altered or lost shadow. */
  strike(): void {
    this.#strikes = this.strikes + 1
    this.#struckAt = this.#clock.monotonic()
  }

  /** How often it gave wrong answers; each counts half as much a day later. */
  get strikes(): number {
    return this.#strikes * 2 ** (-(this.#clock.monotonic() - this.#struckAt) / STRIKE_HALF_LIFE_MS)
  }

  /** How long its next beat may take, in ms. */
  beatLimitMs(): number {
    const usual = this.beats.p95()
    if (usual === undefined) return MOST_BEAT_LIMIT_MS
    return Math.min(MOST_BEAT_LIMIT_MS, Math.max(LEAST_BEAT_LIMIT_MS, SLACK * usual))
  }
}
