import { wipe } from '../../base/bytes.ts'
import { checkWhole } from '../../base/options.ts'
import { type Random, randomBytes } from '../../base/random.ts'
import { shadowNumber } from '../../base/ids.ts'
import { decodeFragments, encodeFragments } from '../reed-solomon.ts'
import { type RowKernel, wasmRowKernel } from '../row-kernel.ts'
import type { SharingPlan } from '../shadow-scheme.ts'
import { joinSecret, shareSecret } from '../shamir.ts'
import { checkMacKey, macOf } from './mac.ts'
import {
  type FragmentOpener,
  type FragmentSealer,
  fragmentBytes,
  openFrom,
  plainBytes,
  sealInto
} from './sealed-fragments.ts'
import { layOutShadow, type Shadow, type ShadowHead } from './shadow-format.ts'

/** A plan with the random bytes it uses. */
export type RandomPlan = SharingPlan & { readonly random: Random }

/** Shadows that still want their vectors and what they seal. */
export interface UnfinishedShadows {
  readonly shadows: readonly Shadow[]
  readonly sealer: FragmentSealer
  /** Fill in the other fragments and the MACs; the finished shadows, number 1 first. */
  finish(): Uint8Array[]
}

/**
 * What all schemes share: bytes sealed under a fresh key, the sealed bytes Reed-Solomon coded, the key Shamir-shared, a
 * MAC over each shadow (Krawczyk 1993, "secret sharing made short").
 */
export function startShadows(
  head: Pick<ShadowHead, 'scheme' | 'blockSide' | 'extent'>,
  { image, sharing, threshold, total, macKey, random }: RandomPlan,
  kernel: RowKernel = wasmRowKernel
): UnfinishedShadows {
  const size = fragmentBytes(head, threshold)
  const shadows = Array.from({ length: total }, (_, i) =>
    layOutShadow({ ...head, image, sharing, number: shadowNumber(i + 1) }, size)
  )
  const key = randomBytes(random, 32)
  const shares = shareSecret(key, { threshold, total, random })
  shadows.forEach((shadow, i) => {
    shadow.keyShare.set(shares[i])
  })
  const fragments = shadows.map(shadow => shadow.fragment)
  const sealer = sealInto(fragments.slice(0, threshold), { key, head: { image, sharing } })
  wipe(key, ...shares)
  return {
    shadows,
    sealer,
    finish: () => {
      sealer.finish()
      encodeFragments(fragments, threshold, kernel)
      for (const { body, mac } of shadows) mac.set(macOf(body, macKey))
      return shadows.map(({ bytes }) => bytes)
    }
  }
}

/** Open what `threshold` checked shadows of one sharing seal. */
export function unseal(shadows: readonly Shadow[], kernel: RowKernel = wasmRowKernel): FragmentOpener {
  const key = joinSecret(shadows.map(({ number, keyShare }) => ({ number, bytes: keyShare })))
  const fragments = shadows.map(({ number, fragment }) => ({ number, bytes: fragment }))
  const data = decodeFragments(fragments, shadows.length, kernel)
  const opener = openFrom(data, { key, head: shadows[0], length: plainBytes(shadows[0]) })
  wipe(key)
  return opener
}

/** @throws RangeError unless 2 <= threshold <= total <= 255, threshold <= `maxThreshold` and the MAC key has 32 bytes */
export function checkPlan({ threshold, total, macKey }: SharingPlan, maxThreshold: number): void {
  checkWhole('threshold', threshold, 2, maxThreshold)
  checkWhole('total', total, threshold, 255)
  checkMacKey(macKey)
}
