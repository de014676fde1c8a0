import type { PeerId } from '../../base/ids.ts'
import type { Candidate } from './draw-slaves.ts'
import type { PeerTable } from '../peers/peer-table.ts'

/** What a slave must have to be a candidate. */
export interface SlaveNeed {
  /** Room for at least so many bytes. */
  readonly bytes: number
  /** Slaves that have refused already. */
  readonly except: ReadonlySet<PeerId>
}

/** The live slaves that stay and could take a shadow of at least `bytes`, with what speaks for and against each. */
export function candidateSlaves(peers: PeerTable, { bytes, except }: SlaveNeed): Candidate[] {
  const slaves = peers
    .alive('slave')
    .filter(({ member, vitals }) => !except.has(member.peer) && vitals?.leaving !== true)
  const paces = slaves.map(({ writes }) => writes.p95()).filter(pace => pace !== undefined)
  const usual = paces.sort((a, b) => a - b)[Math.floor(paces.length / 2)]
  return slaves
    .map(({ member, vitals, writes, strikes }) => {
      const pace = writes.p95()
      const slowness = pace === undefined || usual === undefined ? 1 : Math.max(1, pace / Math.max(1, usual))
      return {
        slave: member.peer,
        site: member.site,
        freeBytes: vitals?.freeBytes ?? 0,
        weight: 1 / (1 + strikes) ** 2 / slowness
      }
    })
    .filter(({ freeBytes }) => freeBytes >= bytes)
}
