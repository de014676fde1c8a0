import { sha256Hex } from '../../base/bytes.ts'
import { imageId, sharingId, type ShadowNumber } from '../../base/ids.ts'
import { isMerkleLeaf, merkleLeaves, merkleRoot } from '../../base/merkle-tree.ts'
import { inverse, lagrangeWeights, multiply } from '../../crypto/gf256.ts'
import { encodeFragments } from '../../crypto/reed-solomon.ts'
import { joinSecret, shareSecret } from '../../crypto/shamir.ts'
import { schemeNamed } from '../../crypto/shadow-schemes.ts'
import { formFor } from '../../crypto/shadows/content-form.ts'
import { goodShadows } from '../../crypto/shadows/good-shadows.ts'
import { projectionOn } from '../../crypto/shadows/project.ts'
import { openContent } from '../../crypto/shadows/sealed-shadows.ts'
import { readShadow } from '../../crypto/shadows/shadow-format.ts'
import type { Given } from './page.ts'
import { bytes, givenRandom, hex } from './page-ciphers.ts'

type Example = (given: Given) => Record<string, string>

const numbers = (text: string): number[] => text.split(/[ ,]+/).map(Number)

function lengths({ 'scheme, size, r': rows }: Given): Record<string, string> {
  const forms = rows.split(', ').map(row => {
    const [scheme, size, threshold] = numbers(row)
    const form = formFor({ scheme, size, threshold })
    const vectors = form.blocks * form.blockSide
    return `${vectors} ${form.fragmentBytes} ${48 + vectors + form.fragmentBytes + 64}`
  })
  return { 'V, F, L': forms.join(', ') }
}

function disperse(given: Given): Record<string, string> {
  const encrypted = bytes(given.encrypted)
  const scheme = schemeNamed('disperse')
  const plan = {
    image: imageId(given.image),
    sharing: sharingId(given.sharing),
    threshold: Number(given.threshold),
    total: Number(given.total),
    macKey: bytes(given.macKey)
  }
  const random = givenRandom(bytes(given.sharingKey), bytes(given.coefficients))
  const shadows = scheme.make(encrypted, { ...plan, random })
  const opened = shadows.map((shadow, i) => scheme.open(shadow, { ...plan, number: (i + 1) as ShadowNumber }))
  const back = scheme.rebuild(opened.slice(1), { ...plan, size: encrypted.length, digest: sha256Hex(encrypted) })
  if (hex(back) !== given.encrypted) throw new Error('it is not rebuilt')
  return Object.fromEntries(shadows.map((shadow, i) => [`shadow ${i + 1}`, hex(shadow)]))
}

/** The tree over bytes of which number i is i mod 251. */
function merkleTree({ bytes: length, leaf }: Given): Record<string, string> {
  const shadow = Uint8Array.from({ length: Number(length) }, (_, at) => at % 251)
  const [proven] = merkleLeaves(shadow, [Number(leaf)])
  const root = merkleRoot(shadow)
  const claim = { root, bytes: shadow.length, index: Number(leaf) }
  if (!isMerkleLeaf(proven, claim)) throw new Error('the path does not give the root')
  return { root, path: proven.path.map(hex).join(', ') }
}

/** Rebuilds, and shows what stands between. */
function rebuilt({ size, threshold, macKey, shadows }: Given): Record<string, string> {
  const given = shadows.split(', ').map(bytes)
  const { image, sharing, scheme, declared } = readShadow(given[0])
  const { name, open, rebuild } = schemeNamed(scheme === 1 ? 'bai' : 'disperse')
  const plan = { image, sharing, threshold: Number(threshold), size: Number(size) }
  const opened = given.map(shadow =>
    open(shadow, { ...plan, number: shadow[7] as ShadowNumber, macKey: bytes(macKey) })
  )
  const digest = image // of shadows of this program the id is the digest
  const encrypted = rebuild(opened, { ...plan, digest })
  const parts = given.map(readShadow)
  const good = goodShadows(parts, { ...plan, digest, scheme })
  const { sealed, readVectors } = openContent(good)
  const vectors = readVectors(good.form.blocks * good.form.blockSide)
  const plain = new Uint8Array(good.form.blocks * good.form.blockSide ** 2)
  sealed.read(plain)
  sealed.finish()
  return {
    scheme: name,
    version: declared === undefined ? '2' : '1',
    'sharing key': hex(joinSecret(parts.map(({ number, keyShare }) => ({ number, bytes: keyShare })))),
    ...Object.fromEntries(vectors.map((vector, i) => [`vectors of ${parts[i].number}`, hex(vector)])),
    'remainder of block 0': hex(plain.subarray(0, good.form.blockSide ** 2)),
    EI: hex(encrypted)
  }
}

/** Examples of arithmetic and shadows. */
export const shadowExamples: Readonly<Record<string, Example>> = {
  gf256: ({ a, b, points, at }) => {
    const [x, y] = [Number.parseInt(a, 16), Number.parseInt(b, 16)]
    return {
      'a b': hex(Uint8Array.of(multiply(x, y))),
      '1 / a': hex(Uint8Array.of(inverse(x))),
      weights: hex(lagrangeWeights(numbers(points), Number(at)))
    }
  },
  'reed-solomon': ({ data, total }) => {
    const rows = data.split(', ').map(bytes)
    const more = Array.from({ length: Number(total) - rows.length }, () => new Uint8Array(rows[0].length))
    encodeFragments([...rows, ...more], rows.length)
    return Object.fromEntries(more.map((row, i) => [`fragment ${rows.length + i + 1}`, hex(row)]))
  },
  shamir: ({ secret, coefficients, threshold, total }) => {
    const length = secret.length / 2
    const all = bytes(coefficients)
    const draws = Array.from({ length: all.length / length }, (_, i) => all.subarray(i * length, (i + 1) * length))
    const split = { threshold: Number(threshold), total: Number(total), random: givenRandom(...draws) }
    const shares = shareSecret(bytes(secret), split)
    return Object.fromEntries(shares.map((share, i) => [`share ${i + 1}`, hex(share)]))
  },
  gf257: ({ columns }) => {
    const projection = projectionOn(columns.split(', ').map(numbers))
    return { P: (projection ?? []).map(row => row.join(' ')).join(', ') }
  },
  'merkle-tree': merkleTree,
  'shadow-lengths': lengths,
  'shadow-disperse': disperse,
  'shadow-bai': rebuilt,
  'shadow-v1': rebuilt
}
