import type { Clock } from '../../base/clock.ts'
import { asError, NetError } from '../../base/errors.ts'
import type { ShadowKey } from '../../base/ids.ts'
import { withDefaults } from '../../base/options.ts'
import type { Random } from '../../base/random.ts'
import type { Roster } from '../../base/roles.ts'
import type { Signer } from '../../crypto/signer.ts'
import { merkleRoot } from '../../base/merkle-tree.ts'
import { Semaphore } from '../../base/semaphore.ts'
import { auditShadow } from '../../protocols/audit-shadow.ts'
import { dropShadow } from '../../protocols/drop-shadow.ts'
import { getShadow } from '../../protocols/get-shadow.ts'
import { listShadows } from '../../protocols/list-shadows.ts'
import { liveness } from '../../protocols/liveness.ts'
import type { Directory, Network } from '../../protocols/network.ts'
import { putShadow } from '../../protocols/put-shadow.ts'
import type { ShadowStore } from '../../storage/shadow-store.ts'
import { type Log, silent } from '../../base/log.ts'
import { checkDrop } from './check-drop.ts'
import { answerRecords } from './answer-records.ts'
import { DropBudget } from './drop-budget.ts'
import { Scrubber, someKey } from './scrubber.ts'
import { showLeaves } from './show-leaves.ts'
import { SoundShadows } from './sound-shadows.ts'
import { MasterFinder } from '../peers/find-masters.ts'
import { signReceipt } from '../proofs/sign-proof.ts'
import { Vitals } from '../peers/vitals.ts'

/** What a {@link Slave} works with: the world and its disk. It has no keys but its own. */
export interface SlavePorts {
  readonly network: Network
  readonly directory: Directory
  readonly roster: Roster
  readonly clock: Clock
  readonly random: Random
  readonly shadows: ShadowStore
  readonly signer: Signer
  /** The peer's common answer to `liveness`; made when left out. */
  readonly vitals?: Vitals
  readonly log?: Log
  /** Whether its operator means it to go for good; never when left out. */
  readonly isLeaving?: () => Promise<boolean>
}

/** How a {@link Slave} works. */
export interface SlaveInit {
  /** It makes sure of its connections to the masters this often, in ms. */
  greetMs?: number
  /** Days for which what was dropped can be restored, room permitting. */
  trashDays?: number
  /** For so long after it was put may the master that put a shadow take it back, in ms. */
  abortGraceMs?: number
  /** It reads each of its shadows once in so long and compares it with its digest, in ms. */
  scrubMs?: number
  /** Shadows that it drops in an hour at most; left out: 1000, or 5 % of what it holds if that is more. */
  maxDropsPerHour?: number
}

/** Defaults of {@link SlaveInit}. */
export const SLAVE_DEFAULTS: Required<Omit<SlaveInit, 'maxDropsPerHour'>> = Object.freeze({
  greetMs: 15_000, // a master that came back knows its slaves within a quarter of a minute
  scrubMs: 14 * 86_400_000, // as often as masters ask
  abortGraceMs: 3_600_000, // longer than any store and the reconciling after it
  trashDays: 7 // a weekend and the days to notice what a rogue or broken master had dropped
})

const DAY_MS = 86_400_000
const EXPIRE_EVERY_MS = 3_600_000 // a shadow stays in the trash up to an hour longer than it must
const FIRST_GREET_MS = 500 // a young network grows fast: greeted again after this, doubled each time

/** A slave (SCS): keeps shadows for the masters and gives them back. It can read none of them. */
export class Slave {
  readonly #ports: SlavePorts
  readonly #init: typeof SLAVE_DEFAULTS
  readonly #drops: DropBudget
  readonly #masters: MasterFinder
  readonly #sound: SoundShadows
  readonly #scrubber: Scrubber
  readonly #auditing = new Semaphore(2, 256) // each reads a whole shadow
  #running: AbortController | undefined
  #cancel: (() => void) | undefined
  #cancelExpiry: (() => void) | undefined
  #answers = false
  #announced = false
  #greetings = 0

  constructor(ports: SlavePorts, init: SlaveInit = {}) {
    this.#ports = ports
    const { maxDropsPerHour, ...rest } = init
    this.#init = withDefaults(SLAVE_DEFAULTS, rest)
    this.#drops = new DropBudget(ports.clock, maxDropsPerHour)
    this.#masters = new MasterFinder(ports)
    const log = ports.log ?? silent
    this.#sound = new SoundShadows(ports.shadows, log)
    this.#scrubber = new Scrubber({ ...ports, sound: this.#sound, log }, this.#init.scrubMs)
  }

  /** Open the store, begin to answer, announce, and greet the masters. @throws NetError what its shadow store throws */
  async start(): Promise<void> {
    if (this.#running !== undefined) return
    this.#running = new AbortController()
    this.#greetings = 0
    await this.#ports.shadows.start()
    if (!this.#answers) this.#answer()
    this.#answers = true
    void this.#greet()
    void this.#expire()
    this.#scrubber.start(someKey(this.#ports.random))
  }

  /** End answering and close the store. */
  async stop(): Promise<void> {
    if (this.#running === undefined) return
    this.#running.abort(new NetError('REQUEST_ABORTED', 'the slave stops'))
    this.#running = undefined
    this.#cancel?.()
    this.#cancelExpiry?.()
    this.#scrubber.stop()
    await this.#ports.shadows.stop()
  }

  #answer(): void {
    const { network } = this.#ports
    const vitals = this.#ports.vitals ?? new Vitals(this.#ports)
    vitals.add(async () => ({
      ...(await this.#store().usage()),
      refusedDrops: this.#drops.refused,
      leaving: await this.#isLeaving()
    }))
    network.handle(
      putShadow,
      vitals.counted(async ({ shadow, asked, counter, ...key }, { peer: master }) => {
        if (await this.#isLeaving()) throw new NetError('BUSY', 'this slave is about to go for good')
        const origin = { asked, counter, master }
        await this.#store().put(key, shadow, { ...origin, putAt: this.#now() })
        this.#sound.isPut(key)
        const kept = { ...key, digest: merkleRoot(shadow), bytes: shadow.length }
        return { receipt: signReceipt({ ...kept, origin }, this.#ports.signer) }
      })
    )
    network.handle(
      getShadow,
      vitals.counted(async key => this.#store() && { shadow: await this.#sound.get(key) }) // or NOT_STARTED
    )
    network.handle(
      auditShadow,
      vitals.counted((request, _, { signal }) =>
        this.#auditing.run(() => this.#store() && showLeaves(request, this.#sound), { signal })
      )
    )
    network.handle(
      dropShadow,
      vitals.counted(async ({ proof, ...key }) => ({ dropped: await this.#drop(key, proof) }))
    )
    network.handle(
      listShadows,
      vitals.counted(async query => {
        const entries = this.#store() && (await this.#sound.list(query))
        return { entries: entries.map(({ record, ...entry }) => ({ ...entry, record: record?.digest })) }
      })
    )
    answerRecords(network, { vitals, store: () => this.#store(), signer: this.#ports.signer })
  }

  /** Move a shadow to the trash if a master proves that it may go. @throws NetError as `checkDrop`, `RATE_LIMITED` */
  async #drop(key: ShadowKey, proof: readonly Uint8Array[]): Promise<boolean> {
    const { signer, roster } = this.#ports
    const store = this.#store()
    const entry = await store.find(key)
    if (entry === undefined) return false
    const now = this.#now()
    const { abortGraceMs } = this.#init
    const reason = checkDrop(entry, proof, { signer, roster, self: signer.self, now, abortGraceMs })
    await this.#spendDrop()
    return await store.drop(key, { reason, time: now })
  }

  async #isLeaving(): Promise<boolean> {
    return (await this.#ports.isLeaving?.()) ?? false
  }

  /** Ms since 1970, whole: as it is kept and signed. */
  #now(): number {
    return Math.max(0, Math.floor(this.#ports.clock.now()))
  }

  /** @throws NetError `RATE_LIMITED` when there were too many drops in the last hour */
  async #spendDrop(): Promise<void> {
    const { shadows } = await this.#store().usage()
    if (this.#drops.take(shadows)) return
    const most = this.#drops.limit(shadows)
    if (this.#drops.refused === 1) this.#tell('too many drops', { alarm: 'drops', most, shadows })
    throw new NetError('RATE_LIMITED', `more than ${most} drops in an hour`, { detail: { most } })
  }

  #store(): ShadowStore {
    if (this.#running === undefined) throw new NetError('NOT_STARTED', 'the slave is not started')
    return this.#ports.shadows
  }

  /** Announce this slave, and connect to every master that can be found, so that they know of it at once. */
  async #greet(): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    const { network, directory, clock } = this.#ports
    try {
      if (!this.#announced) await directory.announce('slave')
      this.#announced = true
      const connected = new Set(network.connected())
      const masters = await this.#masters.all({ signal: running.signal })
      await Promise.allSettled(
        masters
          .filter(master => !connected.has(master) && master !== network.self)
          .map(master => network.request(master, liveness, {}, { signal: running.signal }))
      )
    } catch (error) {
      if (!running.signal.aborted) this.#tell('masters not found', { reason: asError(error).message })
    }
    if (running.signal.aborted) return
    const delayMs = Math.min(this.#init.greetMs, FIRST_GREET_MS * 2 ** this.#greetings++)
    this.#cancel = clock.setTimer(delayMs, () => void this.#greet())
  }

  /** Forget what has been in the trash for long enough, now and every hour. */
  async #expire(): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    const { clock, shadows } = this.#ports
    try {
      const gone = await shadows.expire(clock.now() - this.#init.trashDays * DAY_MS)
      if (gone > 0) this.#tell('trash expired', { shadows: gone })
    } catch (error) {
      if (!running.signal.aborted) this.#tell('trash not expired', { reason: asError(error).message })
    }
    if (!running.signal.aborted) this.#cancelExpiry = clock.setTimer(EXPIRE_EVERY_MS, () => void this.#expire())
  }

  #tell: Log = (fact, fields) => (this.#ports.log ?? silent)(fact, fields)
}
