import { getShadow } from '../../protocols/get-shadow.ts'
import type { Fault } from './fault.ts'

/** A slave that gives other bytes than it was given. */
export const lie: Fault = {
  about: 'answer every request for a shadow with altered bytes; value 0 ends it',
  hits: 'slave',
  value: random => random.below(2),
  apply: ({ target, value }) => {
    if (target.life === undefined) return
    target.life.network.tamper =
      value === 0
        ? undefined
        : (protocol, answer) => {
            if (protocol !== getShadow.id || answer.length === 0) return answer
            const altered = answer.slice()
            altered[altered.length >> 1] ^= 1
            return altered
          }
  }
}
