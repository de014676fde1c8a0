import type { ImageId, PeerId } from '../../base/ids.ts'
import { type CodeSpace, type HashCode, hammingDistance, spaceName } from '../../hashing/hash-code.ts'
import type { ImageClaim } from '../../indexing/image-record.ts'
import type { SearchImagesAnswer } from '../../protocols/search-images.ts'
import type { VerifiedClaims } from '../proofs/verified-claims.ts'

/** What one master answered to a query. */
export interface RankedBy {
  readonly master: PeerId
  readonly answer: SearchImagesAnswer
}

/** How good one master's answer was. */
export interface MasterReport {
  readonly master: PeerId
  /** Results that hold: an owner of this network signed the claim. */
  readonly told: number
  /** Results that do not hold, are there twice or have another distance than their code. */
  readonly false: number
  /** Images that others told of and that should have been among its k: it withholds them, or has not caught up. */
  readonly withheld: number
  /** Per mille of the index that it says it has; left out when that is all of it. */
  readonly coverage?: number
}

/** An image that is as near to the query as it says. */
export interface Ranked {
  readonly claim: ImageClaim
  readonly distance: number
}

/** What is looked for. */
export interface MergeInit {
  /** The query's masked code. */
  readonly code: HashCode
  readonly space: CodeSpace
  readonly k: number
  readonly claims: VerifiedClaims
}

/**
 * The k nearest images of what several masters told, ordered by distances that are computed here from signed codes, and how
 * far each master was right. A master can withhold an image, not invent one or move it.
 */
export function mergeAnswers(
  answers: readonly RankedBy[],
  init: MergeInit
): { readonly ranked: Ranked[]; readonly reports: MasterReport[] } {
  const told = answers.map(each => ({ ...each, ...checkResults(each.answer, init) }))
  const all = new Map<ImageId, Ranked>()
  for (const { good } of told) {
    for (const [id, each] of good) if (each.claim.time >= (all.get(id)?.claim.time ?? 0)) all.set(id, each)
  }
  const ranked = [...all.values()].sort(byDistance).slice(0, init.k)
  const reports = told.map(({ master, answer: { coverage }, good, wrong }) => {
    const last = good.size < init.k ? undefined : [...good.values()].sort(byDistance)[init.k - 1]
    const due = ranked.filter(each => !good.has(each.claim.id) && (last === undefined || byDistance(each, last) < 0))
    return { master, told: good.size, false: wrong, withheld: due.length, coverage }
  })
  return { ranked, reports }
}

function checkResults(
  { results }: SearchImagesAnswer,
  { code, space, claims }: MergeInit
): { good: Map<ImageId, Ranked>; wrong: number } {
  const good = new Map<ImageId, Ranked>()
  let wrong = 0
  for (const { claim: encoded, distance: said } of results) {
    const claim = claims.read(encoded)
    if (claim === undefined || spaceName(claim.space) !== spaceName(space) || good.has(claim.id)) {
      wrong++
      continue
    }
    const distance = hammingDistance(code, { bits: space.bits, bytes: claim.code })
    if (distance !== said) wrong++
    good.set(claim.id, { claim, distance })
  }
  return { good, wrong }
}

function byDistance(a: Ranked, b: Ranked): number {
  return a.distance - b.distance || (a.claim.id < b.claim.id ? -1 : 1)
}
