import { CID } from 'multiformats/cid'
import { create as digestOf } from 'multiformats/hashes/digest'
import { fromString } from 'uint8arrays/from-string'
import { toString as toText } from 'uint8arrays/to-string'
import { sha256 } from '../../base/bytes.ts'
import type { Role } from '../../base/roles.ts'

const RAW = 0x55
const SHA2_256 = 0x12
const ANNOUNCED: readonly Role[] = ['master', 'slave'] // those that others look for

/** The key that peers of a role provide. */
export function rendezvous(role: Role): CID {
  return CID.createV1(RAW, digestOf(SHA2_256, sha256(fromString(`/sfmedir/role/${role}/1`))))
}

const roleByName = new Map(ANNOUNCED.map(role => [toText(rendezvous(role).multihash.bytes, 'base32'), role]))

/** The role whose key a provider record stands under, by the key's multihash in base 32; undefined for any other key. */
export function roleOfKey(name: string): Role | undefined {
  return roleByName.get(name)
}
