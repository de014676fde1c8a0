import { type AbortOptions, deadline } from '../../base/clock.ts'
import { isNetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { Semaphore } from '../../base/semaphore.ts'
import type { Holder, Stored } from '../../indexing/image-record.ts'
import { listShadows } from '../../protocols/list-shadows.ts'
import type { Handler } from '../../protocols/network.ts'
import type { VerifiedImage, VerifyImagesAnswer, VerifyImagesRequest } from '../../protocols/verify-images.ts'
import { auditHolder, type AuditHolderPorts, type Finding, noteFinding } from '../placement/audit-holder.ts'
import { type HealthPorts, stateWith } from './report-health.ts'

/** What judging images needs. */
export interface VerifyPorts extends HealthPorts, AuditHolderPorts {}

const MAX_SCANNED = 2000 // records looked at for one request, as for a listing
const PAGE_MS = 20_000 // then the caller has to ask for more
const PATIENCE_MS = 5_000 // with a slave; one that is silent is not asked again for this page
const LISTED = 64 // sharings of one image that a slave could hold

/** Answers requests to verify, two pages at a time: no caller has a master work for it without end. */
export function verifyInTurn(work: () => VerifyPorts): Handler<VerifyImagesRequest, VerifyImagesAnswer> {
  const turns = new Semaphore(2, 16)
  return (request, _, { signal }) => turns.run(() => verifyStored(request, { ...work(), signal }), { signal })
}

/** Judge the next stored images after one by what every holder answers now; what is found counts in `status` too. */
async function verifyStored(
  { after, owner, limit, deep }: VerifyImagesRequest,
  ports: VerifyPorts & AbortOptions
): Promise<VerifyImagesAnswer> {
  const endsAt = ports.clock.monotonic() + PAGE_MS
  const images: VerifiedImage[] = []
  const silent = new Set<PeerId>()
  let next = after
  for (let left = MAX_SCANNED; left > 0 && images.length < limit; ) {
    const page = await ports.records.list(next, Math.min(left, limit))
    if (page.length === 0) return { images }
    for (const { record } of page) {
      if (images.length === limit || ports.clock.monotonic() >= endsAt) return { images, next }
      const { id, stored } = record
      next = id
      if (stored === undefined || (owner !== undefined && stored.claim.owner !== owner)) continue
      images.push(await judged(stored, { ...ports, deep, silent }))
    }
    left -= page.length
  }
  return { images, next }
}

type Job = VerifyPorts & AbortOptions & { readonly deep: boolean; readonly silent: Set<PeerId> }

async function judged(stored: Stored, job: Job): Promise<VerifiedImage> {
  const { claim, placement } = stored
  const findings = await Promise.all(placement.holders.map(holder => findingOf(stored, holder, job)))
  const faults = placement.holders.flatMap(({ slave, number }, at) => {
    const fault = findings[at]
    return fault === 'held' ? [] : [{ slave, number, fault }]
  })
  const state = stateWith(stored, placement.holders.length - faults.length, job)
  return { image: claim.id, state, total: placement.total, faults }
}

async function findingOf(stored: Stored, holder: Holder, job: Job): Promise<Finding> {
  const { slave } = holder
  if (job.silent.has(slave)) return 'silent'
  const limit = deadline(job.clock, PATIENCE_MS, { signal: job.signal })
  try {
    const ask = job.deep ? auditHolder : listedBy
    const finding = await ask(stored, holder, { ...job, signal: limit.signal })
    if (finding === 'silent') job.silent.add(slave)
    if (job.deep) await noteFinding(finding, holder, { ...job, ...stored })
    return finding
  } finally {
    limit.clear()
  }
}

/** By what a slave lists of the image; that it lists what it could not show when it was asked is not believed. */
async function listedBy(
  { claim, placement }: Stored,
  { slave, number, digest }: Holder,
  { network, losses, signal }: Job
): Promise<Finding> {
  const { sharing } = placement
  try {
    const { entries } = await network.request(slave, listShadows, { image: claim.id, limit: LISTED }, { signal })
    const entry = entries.find(each => each.image === claim.id && each.sharing === sharing)
    const isWhole = entry?.number === number && entry.digest === digest
    losses.noteListed(slave, sharing, isWhole)
    if (entry === undefined) return 'missing'
    return isWhole && !losses.wasAsked(slave, sharing) ? 'held' : 'wrong'
  } catch (error) {
    if (isNetError(error)) return 'silent'
    throw error
  }
}
