import { describe, expect, it } from 'vitest'
import type { ImageId } from '../../../base/ids.ts'
import { seededRandom, shuffled } from '../../../base/random.ts'
import { type Descriptor, descriptorSimilarity } from '../../../hashing/descriptor.ts'
import { gatherCandidates, type Page } from '../../../node/client/gather-candidates.ts'
import type { Ranked } from '../../../node/client/merge-answers.ts'
import { likeness, type Rankable, rankFound } from '../../../node/client/rank-found.ts'
import { exampleImage, exampleStored } from '../../contract/example-record.ts'

const model = 'a'.repeat(64)
const query: Descriptor = { model, values: Int8Array.of(100, -100, 50, 0, 0, 0, 0, 7) }

describe('similarity', () => {
  it('is 1 for the same values, the cosine for others, 0 where that is below 0 or all values are zeros', () => {
    const opposite = query.values.map(value => -value)
    expect(descriptorSimilarity(query.values, query.values)).toBe(1)
    expect(descriptorSimilarity(Int8Array.of(3, 4), Int8Array.of(4, 3))).toBe(24 / 25)
    expect(descriptorSimilarity(query.values, opposite)).toBe(0)
    expect(descriptorSimilarity(query.values, new Int8Array(8))).toBe(0)
  })

  it('of longer ones is that of all but the last 64 where it says that they are one image, else that of the last 64', () => {
    const joined = (identity: number[], layout: number) =>
      Int8Array.from([...identity, ...Array(63).fill(0), 100].map((value, at) => (at === 2 ? layout : value)))
    expect(descriptorSimilarity(joined([100, 0], 0), joined([90, 10], 100))).toBeCloseTo(90 / Math.hypot(90, 10), 9)
    expect(descriptorSimilarity(joined([100, 0], 0), joined([0, 100], 0))).toBe(0.8)
    expect(descriptorSimilarity(joined([100, 0], 0), joined([0, 100], 100))).toBeCloseTo(0.8 * Math.SQRT1_2, 9)
  })

  it('is refused, not thrown, for a descriptor of another model or length, and for none', () => {
    const refused = (similarityError: string) => ({ similarity: undefined, similarityError })
    expect(likeness(query, { ...query, model: 'b'.repeat(64) })).toEqual(refused('OTHER_MODEL'))
    expect(likeness(query, { model, values: new Int8Array(9) })).toEqual(refused('OTHER_MODEL'))
    expect(likeness(query, undefined)).toEqual(refused('NO_DESCRIPTOR'))
    expect(likeness(undefined, query)).toEqual(refused('NO_DESCRIPTOR'))
  })
})

describe('the ranking', () => {
  const ranked: Rankable[] = [
    found(9, 16, 1), // the same image, whatever its code became
    found(8, 0, 0.81),
    found(1, 1, 0.79), // one class, the most similar first
    found(2, 0, 0.3),
    found(7, 0, 0.3),
    found(3, 1, 0.3),
    found(0, 0, undefined), // of that class, but not comparable
    found(6, 9, 0.78),
    found(5, 2, 0.5),
    found(4, 4, undefined)
  ].map((each, at, all) => ({ ...each, id: all[at].id }))

  it('is by sameness, class, similarity, code and id, from whatever order', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(rankFound(shuffled(seededRandom(`ranking ${seed}`), ranked), 16)).toEqual(ranked)
    }
  })
})

describe('candidates', () => {
  const code = { bits: 16, bytes: new Uint8Array(2), descriptor: query }

  it('are asked for page by page while the k-th ties with the last one, and no further', async () => {
    const { rank, pages } = master([...Array(1500).fill(0), ...Array(1900).fill(4)])
    expect((await gatherCandidates(code, 10, rank)).length).toBe(2200)
    expect(pages).toEqual([200, 1000, 1000].map((size, at) => ({ k: size, skip: [0, 200, 1200][at] })))
  })

  it('end with the first page when the k-th is nearer than the last one, and after 3,200 in any case', async () => {
    const near = master([...Array(10).fill(0), ...Array(5000).fill(4)])
    expect((await gatherCandidates(code, 10, near.rank)).length).toBe(200)
    const all = master(Array(9000).fill(0))
    expect((await gatherCandidates(code, 10, all.rank)).length).toBe(3200)
  })

  it('are the k nearest where the query has no descriptor', async () => {
    const { rank, pages } = master(Array(50).fill(0))
    expect((await gatherCandidates({ bits: 16, bytes: code.bytes }, 10, rank)).length).toBe(10)
    expect(pages).toEqual([{ k: 10, skip: 0 }])
  })

  it('are k in the first page where k is more than 200', async () => {
    const { rank, pages } = master([...Array(300).fill(0), ...Array(900).fill(4)])
    expect((await gatherCandidates(code, 250, rank)).length).toBe(1200)
    expect(pages).toEqual([
      { k: 250, skip: 0 },
      { k: 1000, skip: 250 }
    ])
  })
})

function found(at: number, distance: number, similarity: number | undefined): Rankable {
  const similarityError = similarity === undefined ? 'NO_DESCRIPTOR' : undefined
  return { id: String(at).repeat(64) as ImageId, distance, similarity, similarityError }
}

/** A master that holds images at these distances, ascending. */
function master(distances: readonly number[]) {
  const pages: Page[] = []
  const { claim } = exampleStored()
  const all = distances.map((distance, at) => ({ claim: { ...claim, id: exampleImage(at) }, distance }))
  const rank = async (page: Page): Promise<Ranked[]> => {
    pages.push(page)
    return all.slice(page.skip, page.skip + page.k)
  }
  return { rank, pages }
}
