import { type AbortOptions, type Clock, deadline } from '../../base/clock.ts'
import { asError, isNetError, NetError } from '../../base/errors.ts'
import type { PeerId, ShadowNumber } from '../../base/ids.ts'
import { merkleRoot } from '../../base/merkle-tree.ts'
import type { Holder } from '../../indexing/image-record.ts'
import type { SlaveDraw } from './draw-slaves.ts'

/** A shadow on its way to a slave. */
interface GivenShadow {
  readonly number: ShadowNumber
  readonly shadow: Uint8Array
  /** Root of the Merkle tree over it, hex. */
  readonly digest: string
}

/** How shadows reach slaves. */
export interface PlacePorts {
  readonly clock: Clock
  /** The slaves, one after another. */
  readonly draw: SlaveDraw
  /** Resolves to the slave's receipt once it has the shadow on stable storage. @throws NetError `PROOF_INVALID` for a false one */
  put(slave: PeerId, given: GivenShadow, options: AbortOptions): Promise<Uint8Array>
  /** How long to wait for this slave before another is chosen, in ms. */
  patienceMs(slave: PeerId, bytes: number): number
}

/** What placing came to. */
export interface Placed {
  /** One holder a shadow, in order; undefined when too few slaves took one. */
  readonly holders: readonly Holder[] | undefined
  /** Where something of this sharing may lie: what has to be dropped when it is given up. */
  readonly touched: readonly Pick<Holder, 'slave' | 'number'>[]
  /** Slaves that refused, were full, slow or away. */
  readonly refused: ReadonlySet<PeerId>
}

/**
 * Put every shadow on a slave of its own, spread over sites, all at once; a slave that is full, slow or refuses is
 * replaced by the next one drawn (storing phase of the paper, "distributes Sh_i to SCS_i"). When the signal fires it ends
 * without holders.
 */
export async function placeShadows(shadows: readonly Uint8Array[], ports: PlacePorts & AbortOptions): Promise<Placed> {
  const { draw } = ports
  const giveUp = new AbortController()
  const signal = ports.signal === undefined ? giveUp.signal : AbortSignal.any([giveUp.signal, ports.signal])
  const job: PlaceJob = { draw, ports, signal, touched: [], refused: new Set<PeerId>() }
  const holders = await Promise.all(
    shadows.map(async (shadow, index) => {
      const number = (index + 1) as ShadowNumber // 1 to s by construction
      const holder = await placeOne({ number, shadow, digest: merkleRoot(shadow) }, job)
      if (holder === undefined) giveUp.abort(new NetError('REQUEST_ABORTED', 'too few slaves take a shadow'))
      return holder
    })
  )
  const all = holders.filter(holder => holder !== undefined)
  return {
    holders: all.length === shadows.length ? all : undefined,
    touched: job.touched,
    refused: job.refused
  }
}

interface PlaceJob {
  readonly draw: SlaveDraw
  readonly ports: PlacePorts
  readonly signal: AbortSignal
  readonly touched: Pick<Holder, 'slave' | 'number'>[]
  readonly refused: Set<PeerId>
}

async function placeOne(given: GivenShadow, job: PlaceJob): Promise<Holder | undefined> {
  const { number, digest } = given
  const bytes = given.shadow.length
  while (!job.signal.aborted) {
    const candidate = job.draw.take(bytes)
    if (candidate === undefined) return undefined
    const { slave } = candidate
    const limit = deadline(job.ports.clock, job.ports.patienceMs(slave, bytes), { signal: job.signal })
    job.touched.push({ slave, number })
    try {
      const receipt = await job.ports.put(slave, given, { signal: limit.signal })
      return { slave, number, digest, bytes, receipt }
    } catch (error) {
      if (!isNetError(error)) throw asError(error) // a fault of ours, not of that slave
      job.draw.giveBack(candidate)
      if (!job.signal.aborted) job.refused.add(slave)
    } finally {
      limit.clear()
    }
  }
  return undefined
}
