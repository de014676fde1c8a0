import { describe, expect, it } from 'vitest'
import { ownedImageId } from '../../base/bytes.ts'
import type { SharingId, ShadowNumber } from '../../base/ids.ts'
import { merkleRoot } from '../../base/merkle-tree.ts'
import { seededRandom } from '../../base/random.ts'
import { schemeNamed } from '../../crypto/shadow-schemes.ts'
import { signedRecord } from '../../indexing/encoded-record.ts'
import type { Holder, Stored } from '../../indexing/image-record.ts'
import { sealThreshold } from '../../node/placement/seal-threshold.ts'
import { cosignRecord } from '../../protocols/cosign-record.ts'
import { putShadow } from '../../protocols/put-shadow.ts'
import { HospitalGrid, picture } from '../network/node/hospital-grid.ts'

const SPLIT = { threshold: 2, total: 3 }
const SHARING = 'abababababababab' as SharingId

/** What is wrong with a sharing anew that a master proposes. */
interface Wrong {
  readonly counter?: number
  /** The bytes that shadow number i is made of, in place of the image's. */
  readonly bytes?: (number: number, encrypted: Uint8Array) => Uint8Array
  readonly change?: (stored: Stored) => Partial<Stored>
}

/** A network in which an image is stored, and what its second master answers to a proposal that is signed all the same. */
async function propose({ counter = 2, bytes = (_, encrypted) => encrypted, change = () => ({}) }: Wrong) {
  const grid = await new HospitalGrid({ slaves: 5, master: { threshold: { fixed: SPLIT } } }).start()
  const sealed = await grid.run(grid.owner.role.seal(picture(1)))
  const { id: image } = await grid.run(grid.owner.role.send(sealed))
  const held = (await grid.masters[0].records.get(image))?.record.stored
  if (held === undefined) throw new Error('not stored')
  const [{ peer: master, life }, second] = grid.masters
  const { macKey, thresholdKey } = grid.keys
  const random = seededRandom('rogue cosign')
  const makeOf = (encrypted: Uint8Array) =>
    // The same seed every time: good and bad shadows are of one sharing key.
    schemeNamed('bai').make(encrypted, { image, sharing: SHARING, macKey, ...SPLIT, random: seededRandom('sharing') })
  const holders: Holder[] = []
  for (const [at, { peer: slave }] of grid.slaves.slice(0, 3).entries()) {
    const number = (at + 1) as ShadowNumber
    const shadow = makeOf(bytes(number, sealed.encrypted))[at]
    const put = { image, sharing: SHARING, number, asked: held.claim.time, counter, shadow }
    const { receipt } = await grid.run(life.network.request(slave, putShadow, put))
    holders.push({ slave, number, digest: merkleRoot(shadow), bytes: shadow.length, receipt })
  }
  const sealedThreshold = sealThreshold(SPLIT, { image, sharing: SHARING, thresholdKey, random })
  const placement = { scheme: 'bai', sharing: SHARING, total: 3, holders, sealedThreshold }
  const version = { counter, master }
  const stored = { ...held, version, placement, cosign: undefined }
  const { encoded } = signedRecord({ ...stored, ...change(stored) }, message => life.signer.sign(message))
  return grid.codeOf(life.network.request(second.peer, cosignRecord, { record: encoded }))
}

const other = (encrypted: Uint8Array): Uint8Array => encrypted.map(byte => byte ^ 1)

const WRONG: Record<string, Wrong & { readonly code: string }> = {
  'nothing wrong': { code: 'none' },
  'a counter raised by two': { code: 'PROOF_INVALID', counter: 3 },
  'shadows of other bytes': { code: 'IMAGE_CORRUPT', bytes: (_, encrypted) => other(encrypted) },
  'two good shadows and a third of other bytes': {
    code: 'IMAGE_CORRUPT',
    bytes: (number, encrypted) => (number === 3 ? other(encrypted) : encrypted)
  },
  'another master in its version': {
    code: 'NOT_PERMITTED',
    change: ({ claim, version }) => ({ version: { ...version, master: claim.owner } })
  },
  "an owner's claim of other bytes": {
    code: 'SIGNATURE_INVALID',
    change: ({ claim }) => {
      const digest = 'cd'.repeat(32)
      return { claim: { ...claim, digest, id: ownedImageId(claim.owner, digest) } }
    }
  }
}

describe('a master that proposes a sharing anew', () => {
  for (const [what, { code, ...wrong }] of Object.entries(WRONG)) {
    it(`with ${what}: ${code === 'none' ? 'is seconded' : code}`, async () => {
      expect(await propose(wrong)).toBe(code)
    })
  }
})
