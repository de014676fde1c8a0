import { checkWhole } from '../base/options.ts'
import { type Random, randomBytes } from '../base/random.ts'
import { lagrangeWeights, multiply } from './gf256.ts'
import type { Split } from './split.ts'

/** A share of a secret: the values at x = `number` of one polynomial per byte. */
export interface KeyShare {
  /** 1 to 255. */
  readonly number: number
  readonly bytes: Uint8Array
}

/** How a secret is to be shared: r from 1, s from r to 255. Fewer shares than r say nothing about it. */
export interface KeySharing extends Split {
  readonly random: Random
}

/**
 * Share `secret` among `total` holders (Shamir 1979, over GF(2^8)): byte by byte a random polynomial of degree
 * threshold - 1 whose value at 0 is the secret. Share i is `shares[i - 1]`, as long as the secret.
 * @throws RangeError when the numbers are out of range
 */
export function shareSecret(secret: Uint8Array, { threshold, total, random }: KeySharing): Uint8Array[] {
  checkWhole('total', total, 1, 255)
  checkWhole('threshold', threshold, 1, total)
  const coefficients = [secret, ...Array.from({ length: threshold - 1 }, () => randomBytes(random, secret.length))]
  const shares = Array.from({ length: total }, (_, i) =>
    coefficients.reduceRight((value, coefficient) => value.map((byte, at) => multiply(byte, i + 1) ^ coefficient[at]))
  )
  for (const coefficient of coefficients.slice(1)) coefficient.fill(0)
  return threshold === 1 ? shares.map(share => share.slice()) : shares
}

/**
 * The secret from `threshold` shares of different numbers. Wrong or too few shares give a wrong secret without notice:
 * authenticate what was encrypted under it.
 * @throws RangeError when there is no share, two have one number, or lengths differ
 */
export function joinSecret(shares: readonly KeyShare[]): Uint8Array {
  checkWhole('shares', shares.length, 1, 255)
  const weights = lagrangeWeights(
    shares.map(({ number }) => number),
    0
  )
  const secret = new Uint8Array(shares[0].bytes.length)
  shares.forEach(({ bytes }, k) => {
    if (bytes.length !== secret.length) throw new RangeError('shares must have one length')
    for (let at = 0; at < secret.length; at++) secret[at] ^= multiply(weights[k], bytes[at])
  })
  return secret
}
