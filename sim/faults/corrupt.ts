import { SHADOW_FILES } from '../virtual/shadow-file-names.ts'
import type { Fault } from './fault.ts'

/** Bit rot. */
export const corrupt: Fault = {
  about: "flip one bit in each of value of a slave's shadows",
  hits: 'slave',
  value: random => 1 + random.below(3),
  apply: ({ cluster, target, value, random }) => {
    cluster.tampered.add(target.peer)
    for (let k = 0; k < value; k++) target.disk.flipBit(SHADOW_FILES, random)
  }
}
