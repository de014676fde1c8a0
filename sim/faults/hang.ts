import type { Fault } from './fault.ts'

/** SIGSTOP, and SIGCONT a while later: the peer is there and says nothing. */
export const hang: Fault = {
  about: 'stop a peer for value ms: it keeps its connections and answers nothing',
  hits: 'any',
  value: random => random.pick([500, 5_000, 30_000]),
  apply: ({ cluster, target, value }) => {
    const { life } = target
    life?.freeze()
    cluster.world.loop.after(value, () => life?.thaw())
  }
}
