import { deadline } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import { withDefaults } from '../../base/options.ts'
import type { Member } from '../../base/roles.ts'
import { withSignal } from '../../base/with-signal.ts'
import type { ImageClaim } from '../../indexing/image-record.ts'
import { compareIndex } from '../../protocols/compare-index.ts'
import { deleteImage } from '../../protocols/delete-image.ts'
import { getImage } from '../../protocols/get-image.ts'
import { type NetworkStatusAnswer, networkStatus } from '../../protocols/network-status.ts'
import { type PutImageAnswer, type PutImageRequest, putImage } from '../../protocols/put-image.ts'
import { listRecords } from '../../protocols/list-records.ts'
import { searchImages } from '../../protocols/search-images.ts'
import { syncRecords } from '../../protocols/sync-records.ts'
import { verifyImages } from '../../protocols/verify-images.ts'
import { FairBudget } from '../../base/fair-budget.ts'
import { thresholdPolicy } from '../placement/choose-threshold.ts'
import { Auditor } from './auditor.ts'
import { deleteStoredImage } from './delete-image.ts'
import { silent } from '../../base/log.ts'
import { listImageRecords } from './list-records.ts'
import { AbandonedSharings } from '../placement/abandoned-sharings.ts'
import { LossLedger } from '../placement/loss-ledger.ts'
import { MASTER_DEFAULTS, type MasterInit } from './master-init.ts'
import type { MasterPolicy, MasterPorts } from './master-ports.ts'
import { PeerTable } from '../peers/peer-table.ts'
import { giveImage } from './give-image.ts'
import { answerRepairs } from '../repair/answer-repairs.ts'
import { type RepairPolicy, repairPolicy } from '../repair/repair-policy.ts'
import { Repairer } from '../repair/repairer.ts'
import { ShadowReconciler } from './reconcile-shadows.ts'
import { ShadowCensus } from './shadow-census.ts'
import { answerCompare } from '../replication/answer-compare.ts'
import { Replicator } from '../replication/replicate.ts'
import { OwnerQuota } from './owner-quota.ts'
import { agedReports, reportHealth } from './report-health.ts'
import { type RebuildInit, type RebuildReport, rebuildIndex } from './rebuild-index.ts'
import { schemeOf } from './scheme-of.ts'
import { RecordsBeside } from './records-beside.ts'
import { answerSearch } from './search-index.ts'
import { checkPutImage, type StoreImagePorts, storeImage } from './store-image.ts'
import { verifyInTurn } from './verify-images.ts'
import { Vitals } from '../peers/vitals.ts'

const NO_REPAIR = Object.freeze({ waiting: 0, failing: 0, repaired: 0, alone: false })
const DRAIN_MS = 60_000 // longer than a store on a busy disk takes; a service manager gives 90 s

/**
 * A master (MCS): splits images into shadows and places them on slaves, keeps the index, ranks it for trapdoors, and
 * rebuilds what is asked for.
 */
export class Master {
  readonly #ports: MasterPorts
  readonly #policy: MasterPolicy
  readonly #peers: PeerTable
  readonly #replicator: Replicator
  readonly #losses = new LossLedger()
  readonly #abandoned: AbandonedSharings
  readonly #census: ShadowCensus
  readonly #beside: RecordsBeside
  readonly #budget: FairBudget
  readonly #quota: OwnerQuota
  readonly #storing = new Map<ImageId, Promise<PutImageAnswer>>()
  #stopping: AbortController | undefined
  readonly #vitals: Vitals
  readonly #repair: RepairPolicy
  #reconciler: ShadowReconciler | undefined
  #repairer: Repairer | undefined
  #auditor: Auditor | undefined
  #answers = false
  #draining = false

  constructor(ports: MasterPorts, init: MasterInit = {}) {
    const { threshold, peers, replication, repair, ...policy } = init
    this.#ports = ports
    this.#vitals = ports.vitals ?? new Vitals(ports)
    this.#repair = repairPolicy(repair)
    this.#policy = { ...withDefaults(MASTER_DEFAULTS, policy), threshold: thresholdPolicy(threshold) }
    this.#peers = new PeerTable(ports, peers)
    this.#replicator = new Replicator(ports, this.#peers, replication)
    this.#census = new ShadowCensus(ports.log ?? silent)
    const { thresholdKey } = ports.keys
    this.#beside = new RecordsBeside({ ...ports, peers: this.#peers, log: ports.log ?? silent, thresholdKey })
    this.#abandoned = new AbandonedSharings(ports.clock, ports.journal)
    this.#budget = new FairBudget(this.#policy.budgetBytes)
    this.#quota = new OwnerQuota(this.#policy, owner => ports.records.usage(owner))
  }

  /** What it knows of the other peers. */
  get peers(): PeerTable {
    return this.#peers
  }

  /** How its index is kept like the others'. */
  get replicator(): Replicator {
    return this.#replicator
  }

  /** Whether it is about to stop and begins no store any more. */
  get isDraining(): boolean {
    return this.#draining
  }

  /** How many images are being stored now. */
  get storing(): number {
    return this.#storing.size
  }

  /** Open the index, begin to answer, announce, watch, catch up. @throws NetError what its record store throws */
  async start(): Promise<void> {
    if (this.#stopping !== undefined) return
    this.#stopping = new AbortController()
    this.#draining = false
    await this.#ports.records.start()
    await this.#abandoned.load()
    if (!this.#answers) this.#answer()
    this.#answers = true
    this.#peers.start()
    this.#replicator.start()
    this.#reconciler = new ShadowReconciler(this.#work())
    this.#reconciler.start()
    this.#repairer = new Repairer(this.#work(), this.#repair)
    this.#repairer.start()
    this.#auditor = new Auditor(this.#work()).start()
    await this.#ports.directory.announce('master')
  }

  /**
   * Begin no store any more, which other masters take, and wait for those in hand, at most `limitMs`; all else is
   * answered until {@link stop}.
   */
  async drain(limitMs: number = DRAIN_MS): Promise<void> {
    this.#draining = true
    const limit = deadline(this.#ports.clock, limitMs)
    await withSignal(Promise.allSettled(this.#storing.values()), limit.signal).catch(() => {})
    limit.clear()
  }

  /** End answering; stores in hand are given up. */
  async stop(): Promise<void> {
    if (this.#stopping === undefined) return
    this.#stopping.abort(new NetError('REQUEST_ABORTED', 'the master stops'))
    this.#stopping = undefined
    this.#reconciler?.stop()
    this.#repairer?.stop()
    this.#auditor?.stop()
    this.#replicator.stop()
    this.#peers.stop()
    await Promise.allSettled(this.#storing.values())
    await this.#ports.records.stop()
  }

  /** The network as this master sees it now; callers over the network are told what it saw up to 2 s ago. */
  status(): Promise<NetworkStatusAnswer> {
    return reportHealth(this.#work(), this.#repairer?.state ?? NO_REPAIR)
  }

  /** Compare one slave's shadows with the index now. @throws NetError when the slave does not answer */
  async reconcile(slave: Member['peer']): Promise<void> {
    this.#work()
    await this.#reconciler?.reconcile(slave)
  }

  /** Restore the index from what slaves keep beside their shadows. */
  rebuildIndex(init: RebuildInit): Promise<RebuildReport> {
    return rebuildIndex(this.#work(), init)
  }

  #answer(): void {
    const { network, records } = this.#ports
    const vitals = this.#vitals
    vitals.add(async () => ({ images: records.size, index: records.digests.root }))
    network.handle(
      putImage,
      vitals.counted((request, caller, { signal }) => this.#store(request, caller, signal))
    )
    network.handle(
      getImage,
      vitals.counted((request, caller, { signal }) => giveImage(request, caller, { ...this.#work(), signal }))
    )
    network.handle(
      searchImages,
      vitals.counted(request => answerSearch(request, this.#work()))
    )
    network.handle(
      listRecords,
      vitals.counted(request => listImageRecords(request, this.#work()))
    )
    network.handle(verifyImages, vitals.counted(verifyInTurn(() => this.#work())))
    network.handle(
      deleteImage,
      vitals.counted((request, caller, { signal }) => deleteStoredImage(request, caller, { ...this.#work(), signal }))
    )
    network.handle(compareIndex, request => answerCompare(request, this.#work().records))
    network.handle(syncRecords, request => this.#work().replicator.answer(request))
    answerRepairs(network, () => this.#work())
    const report = agedReports(() => this.status(), this.#ports.clock)
    network.handle(networkStatus, async () => this.#work() && report()) // or NOT_STARTED
  }

  /** Store; calls for an image that is being stored join it. A store goes on when its caller goes away. */
  async #store(request: PutImageRequest, caller: Member, signal: AbortSignal): Promise<PutImageAnswer> {
    const work = this.#work()
    const claim = checkPutImage(request, caller, { signer: work.signer, space: this.#policy.space })
    let storing = this.#storing.get(claim.id)
    if (storing === undefined) {
      if (this.#draining) throw new NetError('BUSY', 'this master is about to stop')
      storing = this.#budget
        .spend(caller.peer, claim.size, () => this.#storeInTime(claim, request.encrypted, work))
        .finally(() => this.#storing.delete(claim.id))
      this.#storing.set(claim.id, storing)
    }
    return withSignal(storing, signal)
  }

  /** Give up in half the time after which its shadows could pass for orphans: no record ever names shadows that were collected. */
  async #storeInTime(claim: ImageClaim, encrypted: Uint8Array, work: StoreImagePorts): Promise<PutImageAnswer> {
    const limitMs = Math.min(putImage.timeoutMs, this.#policy.orphanGraceMs / 2)
    const limit = deadline(work.clock, limitMs, { signal: work.stopping })
    try {
      return await storeImage(claim, encrypted, { ...work, signal: limit.signal })
    } finally {
      limit.clear()
    }
  }

  /** All that its verbs work with; each takes what it needs. @throws NetError `NOT_STARTED` */
  #work() {
    if (this.#stopping === undefined) throw new NetError('NOT_STARTED', 'the master is not started')
    return {
      ...this.#ports,
      log: this.#ports.log ?? silent,
      schemeNamed: (name: string) => schemeOf(name, this.#ports),
      policy: this.#policy,
      peers: this.#peers,
      replicator: this.#replicator,
      losses: this.#losses,
      abandoned: this.#abandoned,
      census: this.#census,
      beside: this.#beside,
      quota: this.#quota,
      budget: this.#budget,
      load: () => this.#vitals.load,
      longestMs: Math.min(putImage.timeoutMs, this.#policy.orphanGraceMs / 2),
      stopping: this.#stopping.signal
    }
  }
}
