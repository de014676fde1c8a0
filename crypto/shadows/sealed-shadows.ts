import { wipe } from '../../base/bytes.ts'
import { shadowNumber } from '../../base/ids.ts'
import { checkWhole } from '../../base/options.ts'
import { type Random, randomBytes } from '../../base/random.ts'
import { decodeFragments, encodeFragments } from '../reed-solomon.ts'
import { type RowKernel, wasmRowKernel } from '../row-kernel.ts'
import type { SharingPlan } from '../shadow-scheme.ts'
import { joinSecret, shareSecret } from '../shamir.ts'
import type { ContentForm } from './content-form.ts'
import type { GoodShadows } from './good-shadows.ts'
import { checkMacKey, macOf } from './mac.ts'
import { vectorMask } from './mask-vectors.ts'
import { type FragmentOpener, type FragmentSealer, openFrom, sealInto } from './sealed-fragments.ts'
import { layOutShadow, type ShadowHead } from './shadow-format.ts'

/** A plan with the random bytes it uses. */
export type RandomPlan = SharingPlan & { readonly random: Random }

/** Shadows that still want their vectors and what they seal. */
export interface UnfinishedShadows {
  readonly sealer: FragmentSealer
  /** Mask the next vectors, some for each shadow, and write them. */
  writeVectors(parts: readonly Uint8Array[]): void
  /** Fill in the other fragments and the MACs; the finished shadows, number 1 first. */
  finish(): Uint8Array[]
}

/**
 * What all schemes share: bytes sealed under a fresh key, the sealed bytes Reed-Solomon coded, the key Shamir-shared, a
 * MAC over each shadow (Krawczyk 1993, "secret sharing made short").
 */
export function startShadows(
  { scheme, ...form }: ContentForm & Pick<ShadowHead, 'scheme'>,
  { image, sharing, threshold, total, macKey, random }: RandomPlan,
  kernel: RowKernel = wasmRowKernel
): UnfinishedShadows {
  const vectorBytes = form.blocks * form.blockSide
  const shadows = Array.from({ length: total }, (_, i) =>
    layOutShadow({ scheme, image, sharing, number: shadowNumber(i + 1) }, vectorBytes + form.fragmentBytes)
  )
  const key = randomBytes(random, 32)
  const shares = shareSecret(key, { threshold, total, random })
  shadows.forEach((shadow, i) => {
    shadow.keyShare.set(shares[i])
  })
  const masks = vectorBytes === 0 ? [] : shadows.map(({ number }) => vectorMask(key, number))
  const fragments = shadows.map(({ content }) => content.subarray(vectorBytes))
  const sealer = sealInto(fragments.slice(0, threshold), { key, head: { image, sharing } })
  wipe(key, ...shares)
  let written = 0
  return {
    sealer,
    writeVectors: parts => {
      parts.forEach((part, i) => {
        shadows[i].content.set(masks[i](part), written)
      })
      written += parts[0].length
    },
    finish: () => {
      sealer.finish()
      encodeFragments(fragments, threshold, kernel)
      for (const { body, mac } of shadows) mac.set(macOf(body, macKey))
      return shadows.map(({ bytes }) => bytes)
    }
  }
}

/** What `threshold` shadows of one sharing hold. */
export interface OpenContent {
  readonly sealed: FragmentOpener
  /** The next `length` bytes of every shadow's vectors. */
  readVectors(length: number): Uint8Array[]
}

/** Open what `threshold` checked shadows of one sharing hold. */
export function openContent({ shadows, form }: GoodShadows, kernel: RowKernel = wasmRowKernel): OpenContent {
  const key = joinSecret(shadows.map(({ number, keyShare }) => ({ number, bytes: keyShare })))
  const vectorBytes = form.blocks * form.blockSide
  const fragments = shadows.map(({ number, content }) => ({ number, bytes: content.subarray(vectorBytes) }))
  const data = decodeFragments(fragments, shadows.length, kernel)
  const masked = form.version === 2 && vectorBytes > 0
  const masks = masked ? shadows.map(({ number }) => vectorMask(key, number)) : []
  const sealed = openFrom(data, { key, head: shadows[0], length: form.sealedBytes, version: form.version })
  wipe(key)
  let read = 0
  return {
    sealed,
    readVectors: length => {
      const parts = shadows.map(({ content }) => content.subarray(read, read + length))
      read += length
      return masked ? parts.map((part, i) => masks[i](part)) : parts
    }
  }
}

/** @throws RangeError unless 2 <= threshold <= total <= 255, threshold <= `maxThreshold` and the MAC key has 32 bytes */
export function checkPlan({ threshold, total, macKey }: SharingPlan, maxThreshold: number): void {
  checkWhole('threshold', threshold, 2, maxThreshold)
  checkWhole('total', total, threshold, 255)
  checkMacKey(macKey)
}
