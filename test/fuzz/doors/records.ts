import type { Shape } from '../../../codec/codec.ts'
import { decodeFailure, encodeFailure } from '../../../protocols/status.ts'
import { NetError } from '../../../base/errors.ts'
import { Chance } from '../engine/chance.ts'
import { type Door, messageMaker, sampleMaker } from '../engine/door.ts'
import { exportsOf } from './messages.ts'

type Decode = (bytes: Uint8Array) => unknown
type Encode = (value: unknown) => Uint8Array

/** Every shape that the index's modules export. */
export async function recordShapes(): Promise<Shape<unknown>[]> {
  return (await exportsOf('indexing/{record,proof}*.ts')).map(({ value }) => value).filter(isShape)
}

/**
 * A door for every `decode…` of the index: whatever is kept or signed there, each fed with all the shapes of the index, its
 * own and those of others. Its `encode…`, where there is one, must give the same bytes again.
 */
export async function recordDoors(): Promise<Door[]> {
  const shapes = await recordShapes()
  const exported = await exportsOf('indexing/encode-*.ts')
  return exported
    .filter(({ name }) => name.startsWith('decode'))
    .map(({ name, value }) => {
      const what = name.slice('decode'.length)
      const encode = exported.find(other => other.name === `encode${what}`)?.value as Encode | undefined
      const own = shapes.filter(shape => fits(value as Decode, shape))
      return {
        name: `decode ${what}`,
        make: messageMaker([...own, ...own, ...own, ...shapes]),
        enter: bytes => {
          const read = (value as Decode)(bytes)
          if (encode !== undefined && Buffer.compare(encode(read), bytes) !== 0) {
            throw new Error('read from bytes that it does not encode to')
          }
        }
      }
    })
}

/** What a peer tells of a failure. */
export function failureDoor(): Door {
  const told = new NetError('BUSY', 'more than 5 at a time', { detail: { most: 5, who: 'x' } })
  return {
    name: 'failure',
    make: sampleMaker([encodeFailure(told).body]),
    enter: bytes => void decodeFailure(bytes[0] ?? 0, bytes)
  }
}

/** Whether a decoder reads what a shape describes. */
function fits(decode: Decode, shape: Shape<unknown>): boolean {
  const make = messageMaker([shape])
  return Array.from({ length: 40 }, (_, at) => at).some(at => {
    const bytes = make(new Chance('fits', at))
    try {
      decode(bytes)
      return true
    } catch {
      return false
    }
  })
}

function isShape(value: unknown): value is Shape<unknown> {
  return typeof value === 'object' && value !== null && 'form' in value && 'read' in value
}
