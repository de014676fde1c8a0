import { hash } from 'node:crypto'
import { concat } from 'uint8arrays/concat'
import { equals } from 'uint8arrays/equals'
import { fromString } from 'uint8arrays/from-string'
import { sha256Hex } from '../../base/bytes.ts'
import { NetError } from '../../base/errors.ts'
import { checkWhole } from '../../base/options.ts'
import type { OpenedShadow, ShadowScheme, SharingPlan } from '../../crypto/shadow-scheme.ts'

// magic (4), image (32), sharing (8), number (1), encrypted image, SHA-256 over the MAC key and all before (32)
const MAGIC = fromString('TWIN')
const IMAGE_AT = 4
const SHARING_AT = 36
const NUMBER_AT = 44
const HEADER_BYTES = 45
const TAG_BYTES = 32

interface TwinShadow extends OpenedShadow {
  readonly encrypted: Uint8Array
}

/**
 * A cheap twin of the shadow scheme for runs at scale: every shadow carries the whole encrypted image under a keyed
 * digest, and rebuilding asks for `threshold` good ones. It behaves as the real scheme does towards every peer that
 * counts, and hides nothing; reports of runs that use it say so.
 */
export const twinScheme: ShadowScheme = Object.freeze<ShadowScheme>({
  name: 'twin',
  maxThreshold: 255,
  make(encrypted, plan) {
    checkWhole('threshold', plan.threshold, 2, 255)
    checkWhole('total', plan.total, plan.threshold, 255)
    checkMacKey(plan.macKey)
    return Array.from({ length: plan.total }, (_, at) => shadowOf(encrypted, plan, at + 1))
  },
  open(shadow, { image, sharing, number, macKey }): TwinShadow {
    checkMacKey(macKey)
    const claim = { image, sharing, number }
    const bytes = Buffer.from(shadow.buffer, shadow.byteOffset, shadow.length)
    const encrypted = read(bytes, claim, macKey)
    if (encrypted === undefined) {
      throw new NetError('SHADOW_CORRUPT', 'the shadow is not the one that it should be')
    }
    return { ...claim, encrypted }
  },
  rebuild(shadows: readonly TwinShadow[], plan) {
    checkWhole('threshold', plan.threshold, 2, 255)
    const fitting = shadows.filter(({ image, sharing }) => image === plan.image && sharing === plan.sharing)
    const good = new Map(fitting.map(({ number, encrypted }) => [number, encrypted]))
    const [first] = good.values()
    if (first === undefined || good.size < plan.threshold) {
      throw new NetError('NOT_ENOUGH_SHADOWS', 'too few good shadows to rebuild the image', {
        detail: { have: good.size, need: plan.threshold }
      })
    }
    if (sha256Hex(first) !== plan.digest) throw new NetError('IMAGE_CORRUPT', 'the rebuilt bytes are another image')
    return new Uint8Array(first)
  }
})

function checkMacKey(macKey: Uint8Array): void {
  if (macKey.length !== 32) throw new RangeError('macKey must have 32 bytes')
}

function shadowOf(encrypted: Uint8Array, { image, sharing, macKey }: SharingPlan, number: number): Uint8Array {
  const shadow = Buffer.alloc(HEADER_BYTES + encrypted.length + TAG_BYTES)
  shadow.set(MAGIC)
  shadow.write(image, IMAGE_AT, 'hex')
  shadow.write(sharing, SHARING_AT, 'hex')
  shadow[NUMBER_AT] = number
  shadow.set(encrypted, HEADER_BYTES)
  shadow.set(tagOf(shadow.subarray(0, -TAG_BYTES), macKey), shadow.length - TAG_BYTES)
  return new Uint8Array(shadow.buffer, shadow.byteOffset, shadow.length)
}

/** The encrypted image inside a shadow that is what it should be. */
function read(shadow: Buffer, { image, sharing, number }: OpenedShadow, macKey: Uint8Array): Uint8Array | undefined {
  if (shadow.length < HEADER_BYTES + TAG_BYTES || !equals(shadow.subarray(0, 4), MAGIC)) return undefined
  if (shadow.toString('hex', IMAGE_AT, SHARING_AT) !== image) return undefined
  if (shadow.toString('hex', SHARING_AT, NUMBER_AT) !== sharing || shadow[NUMBER_AT] !== number) return undefined
  const body = shadow.subarray(0, -TAG_BYTES)
  if (!equals(tagOf(body, macKey), shadow.subarray(-TAG_BYTES))) return undefined
  return body.subarray(HEADER_BYTES)
}

function tagOf(body: Uint8Array, macKey: Uint8Array): Uint8Array {
  return hash('sha256', concat([macKey, body]), 'buffer')
}
