import { NetError } from '../../base/errors.ts'
import { corrupt } from './corrupt.ts'
import { crashAt } from './crash-at.ts'
import { down } from './down.ts'
import { fillDisk } from './fill-disk.ts'
import { forget } from './forget.ts'
import { hang } from './hang.ts'
import { heal } from './heal.ts'
import { lie } from './lie.ts'
import { partition } from './partition.ts'
import { slow } from './slow.ts'
import { up } from './up.ts'
import type { Fault } from './fault.ts'

/** Every fault by its verb. A seed's plan draws from them in this order, so a new one changes every seed's history. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map(
  Object.entries({ corrupt, crashAt, down, fillDisk, forget, hang, heal, lie, partition, slow, up })
)

/** The fault of a verb. @throws NetError `SCENARIO_INVALID` naming those there are */
export function faultNamed(verb: string): Fault {
  const fault = FAULTS.get(verb)
  if (fault !== undefined) return fault
  throw new NetError('SCENARIO_INVALID', `there is no fault ${verb}; there are ${[...FAULTS.keys()].join(', ')}`)
}
