import type { PeerId } from '../../../base/ids.ts'
import type { Protocol } from '../../../protocols/network.ts'
import { type Door, messageMaker, sampleMaker } from '../engine/door.ts'
import { FuzzGrid } from './fuzz-grid.ts'
import { allProtocols, shapesOf } from './messages.ts'

const SHARE = 0.1 // a store behind one of them takes milliseconds

/**
 * A door for each protocol that masters and slaves answer, with the real roles behind it: what a member sends them, by the
 * same checks as over any network. Messages hold ids, claims and records that the roles know, taken from their own traffic.
 */
export async function handlerDoors(): Promise<Door[]> {
  return (await allProtocols()).filter(({ id }) => !UNANSWERED.includes(id.split('/')[2])).map(handlerDoor)
}

const UNANSWERED = ['find-peers'] // by the directory, which is libp2p's: test/network/protocols/

function handlerDoor(protocol: Protocol<unknown, unknown>): Door {
  let grid: FuzzGrid | undefined
  const opened = (): FuzzGrid => {
    if (grid === undefined) throw new Error('the door is closed')
    return grid
  }
  const make = messageMaker(shapesOf(protocol.id, protocol.request), () => opened().pool)
  return {
    name: `${protocol.id.split('/')[2]} handler`,
    share: SHARE,
    make: chance => {
      const heard = opened().heard.get(protocol.id)
      return heard !== undefined && chance.onceIn(2) ? sampleMaker(heard)(chance) : make(chance)
    },
    open: async () => {
      grid = await FuzzGrid.start()
    },
    close: async () => grid?.stop(),
    enter: async bytes => {
      const { answerer, caller } = opened().endsOf(protocol)
      const { parts, giveBack } = await answerer.answer(arrived(protocol.id, caller, bytes))
      giveBack()
      protocol.answer.decode(Buffer.concat(parts))
    }
  }
}

function arrived(id: string, caller: PeerId, bytes: Uint8Array) {
  return {
    id,
    caller,
    bytes: bytes.length,
    read: async (reserve: (bytes: number) => void): Promise<Uint8Array> => {
      reserve(bytes.length)
      return bytes
    }
  }
}
