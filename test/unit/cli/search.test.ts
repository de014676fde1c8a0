import { describe, expect, it } from 'vitest'
import type { ImageId, PeerId } from '../../../base/ids.ts'
import { shown } from '../../../cli/verbs/search.ts'
import type { FoundImage } from '../../../node/client/user.ts'

const id = 'a'.repeat(64) as ImageId
const found: FoundImage = {
  id,
  rank: 1,
  distance: 3,
  size: 100,
  owner: '12D3Koo' as PeerId,
  metadata: undefined,
  metadataError: undefined,
  similarity: 0.87654,
  similarityError: undefined
}

describe('what search prints', () => {
  for (const [metadataError, label] of [
    ['KEY_WRONG', '(sealed)'],
    ['MESSAGE_INVALID', '(metadata invalid)']
  ] as const) {
    it(`metadata that ended with ${metadataError}: the id with ${label}, and the code as note`, () => {
      const { value, text } = shown('q.png', { ...found, metadataError })
      expect(text).toBe(`   1  ${id}  3  0.88  ${label}`)
      const likeness = { similarity: 0.8765, similarityNote: null }
      expect(value).toEqual({ query: 'q.png', rank: 1, id, distance: 3, ...likeness, name: null, note: metadataError })
    })
  }

  it('no similarity: a dash, null and why', () => {
    const { value, text } = shown('q.png', { ...found, similarity: undefined, similarityError: 'OTHER_MODEL' })
    expect(text).toBe(`   1  ${id}  3     -  `)
    expect(value).toMatchObject({ similarity: null, similarityNote: 'OTHER_MODEL' })
  })

  it('a name that another owner chose: as it is, in JSON and in the text that the report cleans', () => {
    const name = 'one\n   2  forged\u001b[2J'
    const { value, text } = shown('q.png', { ...found, metadata: { name, labels: [] } })
    expect(text).toBe(`   1  ${id}  3  0.88  ${name}`)
    expect(value).toMatchObject({ name, note: null })
  })
})
