import type { Door } from '../engine/door.ts'
import { fileDoors } from './files.ts'
import { handlerDoors } from './handlers.ts'
import { imageDoors } from './images.ts'
import { messageDoors } from './messages.ts'
import { failureDoor, recordDoors } from './records.ts'
import { sealDoors } from './seals.ts'

/** Every door, by name. */
export async function allDoors(): Promise<Door[]> {
  return [
    ...(await handlerDoors()),
    ...(await messageDoors()),
    ...(await recordDoors()),
    failureDoor(),
    ...sealDoors(),
    ...fileDoors(),
    ...imageDoors()
  ]
}
