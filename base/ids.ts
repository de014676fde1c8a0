import { NetError } from './errors.ts'

declare const brand: unique symbol
type Branded<T, B extends string> = T & { readonly [brand]: B }

/** SHA-256 of an encrypted image, 64 lower-case hex digits. Every reader verifies what it got against it. */
export type ImageId = Branded<string, 'ImageId'>

/** One splitting of an image into shadows: 16 lower-case hex digits, fresh for every split and every repair. */
export type SharingId = Branded<string, 'SharingId'>

/** Number i of a shadow Sh_i within its sharing, 1 to 255. */
export type ShadowNumber = Branded<number, 'ShadowNumber'>

/** A peer's libp2p id as text (`12D3Koo…`): the Ed25519 public key it proves to hold. */
export type PeerId = Branded<string, 'PeerId'>

/** The place a peer stands in (a hospital, a data centre). Placement spreads shadows over sites. */
export type Site = Branded<string, 'Site'>

/** Which shadow of which sharing of which image. */
export interface ShadowKey {
  readonly image: ImageId
  readonly sharing: SharingId
  readonly number: ShadowNumber
}

/** Check that `text` is 64 lower-case hex digits. @throws NetError `MESSAGE_INVALID` */
export function imageId(text: string): ImageId {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new NetError('MESSAGE_INVALID', 'an image id is 64 lower-case hex digits')
  return text as ImageId
}

/** Check that `text` is 16 lower-case hex digits. @throws NetError `MESSAGE_INVALID` */
export function sharingId(text: string): SharingId {
  if (!/^[0-9a-f]{16}$/.test(text)) throw new NetError('MESSAGE_INVALID', 'a sharing id is 16 lower-case hex digits')
  return text as SharingId
}

/** Check that `value` is a whole number from 1 to 255. @throws NetError `MESSAGE_INVALID` */
export function shadowNumber(value: number): ShadowNumber {
  if (!Number.isInteger(value) || value < 1 || value > 255) {
    throw new NetError('MESSAGE_INVALID', 'a shadow number is a whole number from 1 to 255')
  }
  return value as ShadowNumber
}

/** Check that `text` looks like a peer's id (base58, 46 to 60 characters). @throws NetError `MESSAGE_INVALID` */
export function peerId(text: string): PeerId {
  if (!/^[1-9A-HJ-NP-Za-km-z]{46,60}$/.test(text))
    throw new NetError('MESSAGE_INVALID', 'a peer id is 46 to 60 base58 characters')
  return text as PeerId
}

/** Check that `text` names a site: 1 to 64 characters. @throws NetError `MESSAGE_INVALID` */
export function site(text: string): Site {
  if (text.length < 1 || text.length > 64)
    throw new NetError('MESSAGE_INVALID', 'a site is a name of 1 to 64 characters')
  return text as Site
}
