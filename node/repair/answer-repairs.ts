import type { FairBudget } from '../../base/fair-budget.ts'
import { decodedRecord } from '../../indexing/encoded-record.ts'
import { cosignRecord } from '../../protocols/cosign-record.ts'
import type { Network } from '../../protocols/network.ts'
import { peerSilence } from '../../protocols/peer-silence.ts'
import type { PeerTable } from '../peers/peer-table.ts'
import { secondRecord, type SecondRecordPorts } from './second-record.ts'

/** What answering other masters' repairs needs. */
export interface AnswerRepairsPorts extends SecondRecordPorts {
  readonly peers: PeerTable
  readonly budget: FairBudget
}

/** Answer what other masters ask while they repair: whom this one hears, and its word for a sharing anew. */
export function answerRepairs(network: Network, work: () => AnswerRepairsPorts): void {
  network.handle(peerSilence, async ({ peers: asked }) => {
    const { peers } = work()
    // Of a peer that was never met nothing is known: it has not been silent.
    return { silentMs: asked.map(peer => Math.round(peers.get(peer)?.silentMs ?? 0)) }
  })
  network.handle(cosignRecord, async (request, caller, { signal }) => {
    const ports = work()
    const bytes = decodedRecord(request.record).record.stored?.claim.size ?? 0
    return ports.budget.spend(caller.peer, bytes, () => secondRecord(request, caller, { ...ports, signal }))
  })
}
