import pino, { type Logger } from 'pino'
import type { Log } from '../../base/log.ts'
import { printableLine } from '../console/printable.ts'
import type { Config } from './load-config.ts'

/** What a peer says of itself, as JSON lines on stderr. */
export interface PeerLog {
  /** Takes facts at level info; those with a field `alarm`, at which somebody has to look, at level warn. */
  readonly log: Log
  /** Say from now on what is of this level or above it; the level it began with when left out. */
  setLevel(level: Config['log']): void
}

const STDERR = 2

/** A {@link PeerLog} of the level that the configuration says, else of `fallback`; `to` is a file descriptor, stderr when left out. */
export function peerLog(level: Config['log'], fallback: NonNullable<Config['log']>, to = STDERR): PeerLog {
  const hooks = { streamWrite: printableLine } // pino leaves C1 and bidi controls as they are
  const logger: Logger = pino(
    { level: level ?? fallback, base: undefined, hooks },
    pino.destination({ dest: to, sync: true })
  )
  return {
    log: (fact, fields) => logger[fields?.alarm === undefined ? 'info' : 'warn'](fields ?? {}, fact),
    setLevel: next => {
      logger.level = next ?? fallback
    }
  }
}
