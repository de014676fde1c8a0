import { type AbortOptions, type Clock, sleep } from '../../base/clock.ts'
import { type ErrorCode, isNetError, NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { type Random, randomUnit } from '../../base/random.ts'
import type { MasterFinder } from '../peers/find-masters.ts'
import { raceAnswers } from '../peers/race-answers.ts'

/** How masters are asked. */
export interface AskInit extends AbortOptions {
  readonly finder: MasterFinder
  readonly clock: Clock
  readonly random: Random
  /** After how long another master is asked too, in ms; only for what may be done twice. Never when left out. */
  readonly hedgeAfterMs?: number
  /** How often all masters are asked when all are busy or away. */
  readonly rounds?: number
}

// The caller is at fault: another master would say the same, and is asked whether it does: one may lie. Not so of a message
// that is invalid or too large: it may be this master's own answer.
const FINAL: readonly ErrorCode[] = ['NOT_PERMITTED', 'SIGNATURE_INVALID', 'IMAGE_TOO_LARGE', 'QUOTA_EXCEEDED']
const PASSING: readonly ErrorCode[] = ['BUSY', 'RATE_LIMITED', 'PEER_UNREACHABLE', 'REQUEST_TIMEOUT']
const AGREED = 2 // masters that find the caller at fault
const ROUNDS = 4
const FIRST_REST_MS = 500 // doubled after each round

/**
 * Ask one master after the other until one answers well; when all are busy or away, rest and ask again.
 * @throws NetError of the master that had most to say; `NO_MASTERS` when none can be found or reached
 */
export async function askMasters<A>(
  ask: (master: PeerId, options: Required<AbortOptions>) => Promise<A>,
  init: AskInit
): Promise<A> {
  const { finder, clock, random, signal, hedgeAfterMs, rounds = ROUNDS } = init
  for (let round = 1; ; round++) {
    const failures: Error[] = []
    const answers = await raceAnswers(await finder.some({ signal }), {
      clock,
      signal,
      need: 1,
      start: 1,
      ask: async (master, options) => {
        const answer = await ask(master, options)
        finder.answered(master)
        return answer
      },
      lateAfterMs: hedgeAfterMs === undefined ? undefined : () => hedgeAfterMs,
      failed: (master, error) => {
        failures.push(error)
        finder.failed(master, error)
      },
      isFinal: error => !isNetError(error) || failures.filter(each => isNetError(each, ...FINAL)).length >= AGREED
    })
    if (answers.length > 0) return answers[0]
    const passing = failures.every(error => isNetError(error, ...PASSING))
    if (!passing || round >= rounds) throw mostTelling(failures)
    await sleep(clock, FIRST_REST_MS * 2 ** (round - 1) * (0.5 + randomUnit(random)), { signal })
  }
}

/** Of several masters' failures the one to show: not that one was away when another said what is wrong. */
export function mostTelling(failures: readonly Error[]): Error {
  const away = (error: Error): boolean => isNetError(error, 'PEER_UNREACHABLE', 'REQUEST_TIMEOUT')
  return (
    failures.find(error => !isNetError(error, ...PASSING, 'IMAGE_NOT_FOUND')) ??
    failures.find(error => !away(error)) ??
    new NetError('NO_MASTERS', 'no master answers', { cause: failures[0] })
  )
}
