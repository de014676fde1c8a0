import { SHADOW_FILES } from '../virtual/shadow-file-names.ts'
import type { Fault } from './fault.ts'

/** Files that are gone without anyone having dropped them. */
export const forget: Fault = {
  about: "lose value of a slave's shadows from its disk",
  hits: 'slave',
  value: random => 1 + random.below(3),
  apply: ({ cluster, target, value, random }) => {
    cluster.tampered.add(target.peer)
    for (let k = 0; k < value; k++) {
      const names = target.disk.names(SHADOW_FILES)
      if (names.length > 0) target.disk.lose(random.pick(names))
    }
  }
}
