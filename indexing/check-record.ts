import { NetError } from '../base/errors.ts'
import { imageId, peerId, shadowNumber, sharingId } from '../base/ids.ts'
import { MAX_METADATA_BYTES } from '../base/limits.ts'
import type { CodeSpace } from '../hashing/hash-code.ts'
import type { Holder, ImageClaim, ImageRecord, Placement } from './image-record.ts'

/** How large the parts of a record may be. */
const RECORD_LIMITS = Object.freeze({
  /** A sealed pair of small numbers; an AEAD adds some 40 bytes. */
  maxSealedThresholdBytes: 256,
  /** Far above any image, far below where numbers lose their last bit. */
  maxImageBytes: 2 ** 40,
  /** A shadow number is one byte and 0 is none. */
  maxHolders: 255
})

const SIGNATURE_BYTES = 64 // Ed25519

/** Check every bound of a record and of what is in it. @throws NetError `MESSAGE_INVALID` naming the field */
export function checkRecord(record: ImageRecord): void {
  imageId(record.image)
  peerId(record.version.master)
  checkNumber('version counter', record.version.counter, 0, Number.MAX_SAFE_INTEGER)
  checkNumber('time', record.time, 0, Number.MAX_SAFE_INTEGER)
  checkLength('master signature', record.masterSignature, SIGNATURE_BYTES, SIGNATURE_BYTES)
  if (record.stored === undefined) return
  checkClaim(record.stored.claim)
  checkPlacement(record.stored.placement)
  if (record.stored.claim.image !== record.image) throw invalid('the claim is of another image than the record')
}

/** Check every bound of an owner's claim. @throws NetError `MESSAGE_INVALID` naming the field */
export function checkClaim(claim: ImageClaim): void {
  imageId(claim.image)
  peerId(claim.owner)
  checkSpace(claim.space)
  checkLength('code', claim.code, claim.space.bits / 8, claim.space.bits / 8)
  checkNumber('size', claim.size, 1, RECORD_LIMITS.maxImageBytes)
  checkLength('metadata', claim.metadata, 0, MAX_METADATA_BYTES)
  checkLength('owner signature', claim.ownerSignature, SIGNATURE_BYTES, SIGNATURE_BYTES)
}

/** Check the form of a code space. @throws NetError `MESSAGE_INVALID` naming the field */
export function checkSpace(space: CodeSpace): void {
  if (!/^[0-9a-f]{64}$/.test(space.model)) throw invalid('a model digest is 64 lower-case hex digits')
  if (!/^[0-9a-f]{64}$/.test(space.view)) throw invalid('a view digest is 64 lower-case hex digits')
  checkNumber('code length', space.bits, 8, 256)
  if (space.bits % 8 !== 0) throw invalid('a code length is a multiple of 8 bits')
}

/** Check every bound of a placement. @throws NetError `MESSAGE_INVALID` naming the field */
export function checkPlacement(placement: Placement): void {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(placement.scheme)) {
    throw invalid('a scheme is named by 1 to 32 lower-case letters, digits and hyphens')
  }
  sharingId(placement.sharing)
  shadowNumber(placement.total)
  checkNumber('count of holders', placement.holders.length, 1, RECORD_LIMITS.maxHolders)
  for (const holder of placement.holders) checkHolder(holder, placement.total)
  checkDistinct('slave', new Set(placement.holders.map(holder => holder.slave)), placement)
  checkDistinct('shadow number', new Set(placement.holders.map(holder => holder.number)), placement)
  checkLength('sealed threshold', placement.sealedThreshold, 1, RECORD_LIMITS.maxSealedThresholdBytes)
}

function checkHolder(holder: Holder, total: number): void {
  peerId(holder.slave)
  checkNumber('shadow number', holder.number, 1, total)
  if (!/^[0-9a-f]{64}$/.test(holder.digest)) throw invalid('a shadow digest is 64 lower-case hex digits')
}

function checkDistinct(what: string, values: ReadonlySet<unknown>, { holders }: Placement): void {
  if (values.size !== holders.length) throw invalid(`a ${what} stands twice among the holders`)
}

function checkNumber(what: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw invalid(`${what} is not a whole number from ${least} to ${most}`)
  }
}

function checkLength(what: string, bytes: Uint8Array, least: number, most: number): void {
  if (bytes.length < least || bytes.length > most) {
    throw new NetError('MESSAGE_INVALID', `${what} has ${bytes.length} bytes, not ${least} to ${most}`, {
      detail: { bytes: bytes.length, least, most }
    })
  }
}

function invalid(message: string): NetError {
  return new NetError('MESSAGE_INVALID', message)
}
