import { expect, it } from 'vitest'
import type { PeerId } from '../../base/ids.ts'
import type { Role } from '../../base/roles.ts'
import type { Directory } from '../../protocols/network.ts'
import { codeOf } from './network-suite.ts'

/** A peer with its directory. */
interface DirectoryPeer {
  readonly self: PeerId
  readonly directory: Directory
}

/** A world in which directories meet. The first peer is everybody's only bootstrap address. */
export interface DirectoryWorld {
  join(label: string, roles: readonly Role[]): Promise<DirectoryPeer>
  settle<T>(work: Promise<T>): Promise<T>
  close(): Promise<void>
}

/** What every Directory promises. */
export function directorySuite(open: () => Promise<DirectoryWorld>): void {
  const fact = (name: string, act: (world: DirectoryWorld) => Promise<void>) =>
    it(name, async () => {
      const world = await open()
      try {
        await act(world)
      } finally {
        await world.close()
      }
    })

  fact('a user finds all three masters from one bootstrap address, and no other peer', async world => {
    const masters = [
      await world.join('m1', ['master']),
      await world.join('m2', ['master']),
      await world.join('m3', ['master'])
    ]
    const slave = await world.join('s1', ['slave'])
    for (const { directory } of masters) await world.settle(directory.announce('master'))
    await world.settle(slave.directory.announce('slave'))
    const user = await world.join('u', ['user'])
    const found = await world.settle(user.directory.find('master'))
    expect(new Set(found)).toEqual(new Set(masters.map(({ self }) => self)))
    expect(await world.settle(user.directory.find('slave'))).toEqual([slave.self])
  })
  fact('a role that the roster does not give is not announced: NOT_PERMITTED', async world => {
    const slave = await world.join('s', ['slave'])
    expect(await world.settle(codeOf(slave.directory.announce('master')))).toBe('NOT_PERMITTED')
  })
  fact('a search that is given up is REQUEST_ABORTED', async world => {
    const user = await world.join('u', ['user'])
    const signal = AbortSignal.abort()
    expect(await world.settle(codeOf(user.directory.find('master', { signal })))).toBe('REQUEST_ABORTED')
  })
}
