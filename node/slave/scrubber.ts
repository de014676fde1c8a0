import type { Clock } from '../../base/clock.ts'
import { asError, isNetError } from '../../base/errors.ts'
import { toString as toText } from 'uint8arrays/to-string'
import { imageId, type ShadowKey, sharingId, shadowNumber } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'
import { type Random, randomBytes } from '../../base/random.ts'
import type { ShadowEntry, ShadowStore } from '../../storage/shadow-store.ts'
import type { SoundShadows } from './sound-shadows.ts'

/** What a slave reads its own shadows with. */
export interface ScrubPorts {
  readonly clock: Clock
  readonly shadows: ShadowStore
  readonly sound: SoundShadows
  readonly log: Log
}

const SHARE = 0.9 // of a period: the rest is for what is put meanwhile
const EMPTY_MS = 60_000
const LEAST_WAIT_MS = 10

/**
 * Reads every shadow of its slave once in a period, one after the other, at as many bytes a second as that takes, and
 * so finds what the disk has spoilt before a master asks for it.
 */
export class Scrubber {
  readonly #ports: ScrubPorts
  readonly #periodMs: number
  #cancel: (() => void) | undefined
  #last: ShadowKey | undefined
  #running = false

  constructor(ports: ScrubPorts, periodMs: number) {
    this.#ports = ports
    this.#periodMs = periodMs
  }

  /** Begin, with the first shadow after `from`; a slave that restarts often begins where chance has it. */
  start(from: ShadowKey | undefined): void {
    this.#running = true
    this.#last = from
    this.#later(LEAST_WAIT_MS)
  }

  /** End. */
  stop(): void {
    this.#running = false
    this.#cancel?.()
  }

  #later(ms: number): void {
    this.#cancel = this.#ports.clock.setTimer(ms, () => {
      void this.#readNext()
        .catch(error => {
          this.#ports.log('a shadow could not be scrubbed', { reason: asError(error).message })
          return EMPTY_MS
        })
        .then(waitMs => this.#running && this.#later(waitMs))
    })
  }

  /** Read one shadow; resolves to how long to wait before the next, in ms. */
  async #readNext(): Promise<number> {
    const { shadows, sound } = this.#ports
    const [next] = await shadows.list({ after: this.#last, limit: 1 })
    const wasFirst = this.#last === undefined
    this.#last = next
    if (next === undefined) return wasFirst ? EMPTY_MS : LEAST_WAIT_MS
    try {
      await sound.get(next)
    } catch (error) {
      if (!isNetError(error, 'SHADOW_CORRUPT', 'SHADOW_MISSING')) throw error
    }
    return await this.#waitMs(next)
  }

  async #waitMs({ bytes }: ShadowEntry): Promise<number> {
    const { usedBytes } = await this.#ports.shadows.usage()
    return Math.max(LEAST_WAIT_MS, (SHARE * this.#periodMs * bytes) / Math.max(bytes, usedBytes))
  }
}

/** A key before some of the shadows, which ones is by chance. */
export function someKey(random: Random): ShadowKey {
  const image = toText(randomBytes(random, 32), 'hex')
  return { image: imageId(image), sharing: sharingId('0'.repeat(16)), number: shadowNumber(1) }
}
