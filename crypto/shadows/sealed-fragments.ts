import { createCipheriv, createDecipheriv } from 'node:crypto'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { NetError } from '../../base/errors.ts'
import { TAG_BYTES } from './content-form.ts'
import type { ShadowHead } from './shadow-format.ts'

/** What the sealed bytes are bound to. */
export interface SealBinding {
  /** 32 bytes, used for this once: the nonce is constant. */
  readonly key: Uint8Array
  readonly head: Pick<ShadowHead, 'image' | 'sharing'>
}

const CIPHER = 'chacha20-poly1305'
const NONCE = new Uint8Array(12)
const AAD_OPTIONS = { plaintextLength: 0 } // asked for by the types; only CCM reads it
const PADDING = new Uint8Array(4096)

/** Seals a stream of bytes across fragments, the first filled first. */
export interface FragmentSealer {
  write(plain: Uint8Array): void
  /** Fill up with zeros, which are sealed too, and write the tag. */
  finish(): void
}

/**
 * Seal into `fragments` (ChaCha20-Poly1305 under a key of its own, bound to image and sharing). No byte of a fragment is
 * left unsealed: plain zeros at the end of the last one would tell its number to be r.
 */
export function sealInto(fragments: readonly Uint8Array[], { key, head }: SealBinding): FragmentSealer {
  const cipher = createCipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES })
  cipher.setAAD(boundTo(head, 2), AAD_OPTIONS)
  const length = fragments[0].length
  const tagAt = fragments.length * length - TAG_BYTES
  let at = 0
  const put = (sealed: Uint8Array): void => {
    for (let from = 0; from < sealed.length; ) {
      const room = length - (at % length)
      const part = sealed.subarray(from, from + room)
      fragments[Math.floor(at / length)].set(part, at % length)
      from += part.length
      at += part.length
    }
  }
  return {
    write: plain => put(cipher.update(plain)),
    finish: () => {
      while (at < tagAt) put(cipher.update(PADDING.subarray(0, tagAt - at)))
      put(cipher.final())
      put(cipher.getAuthTag())
    }
  }
}

/** Opens a stream of bytes that was sealed across fragments. */
export interface FragmentOpener {
  /** The next `target.length` bytes, not yet authenticated: use nothing of them before `finish`. */
  read(target: Uint8Array): void
  /** @throws NetError `IMAGE_CORRUPT` when the tag does not fit: a key share or a fragment is wrong */
  finish(): void
}

/** What is to be opened: `length` bytes, padding counted, sealed by this version of the format. */
export interface SealedBytes extends SealBinding {
  readonly length: number
  readonly version: 1 | 2
}

/** Open what {@link sealInto} sealed from the data fragments. */
export function openFrom(
  fragments: readonly Uint8Array[],
  { key, head, length, version }: SealedBytes
): FragmentOpener {
  const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES })
  decipher.setAAD(boundTo(head, version), AAD_OPTIONS)
  const fragmentLength = fragments[0].length
  let at = 0
  const take = function* (bytes: number): Generator<Uint8Array> {
    for (const end = at + bytes; at < end; ) {
      const from = at % fragmentLength
      const part = fragments[Math.floor(at / fragmentLength)].subarray(from, from + end - at)
      at += part.length
      yield part
    }
  }
  return {
    read: target => {
      let filled = 0
      for (const part of take(target.length)) {
        target.set(decipher.update(part), filled)
        filled += part.length
      }
    },
    finish: () => {
      for (const padding of take(length - at)) decipher.update(padding)
      decipher.setAuthTag(concat([...take(TAG_BYTES)]))
      try {
        decipher.final()
      } catch (cause) {
        throw new NetError('IMAGE_CORRUPT', 'what the shadows seal does not open', { cause })
      }
    }
  }
}

function boundTo({ image, sharing }: SealBinding['head'], version: 1 | 2): Uint8Array {
  return fromString(`sfmedir/remainder/${version === 1 ? '' : `${version}/`}${image}/${sharing}`)
}
