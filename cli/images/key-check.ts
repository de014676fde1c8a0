import { NetError } from '../../base/errors.ts'
import type { OpenedMetadata } from '../../node/client/try-open-metadata.ts'
import type { Report } from '../console/report.ts'

/** Counts which images the keys of this call can read, and says it when some, or all, are sealed under others. */
export class KeyCheck {
  readonly #keys: string
  #read = 0
  #sealed = 0

  /** @param keys the key file in use */
  constructor(keys: string | undefined) {
    this.#keys = keys ?? 'this peer'
  }

  /** Count one image. */
  saw({ metadataError }: OpenedMetadata): void {
    if (metadataError === 'KEY_WRONG') this.#sealed++
    else this.#read++
  }

  /** Say how many were sealed under other keys. @throws NetError `KEY_WRONG` when all were */
  close(report: Report): void {
    if (this.#sealed === 0) return
    const [sealed, all] = [this.#sealed, this.#sealed + this.#read]
    if (this.#read === 0) {
      throw keyWrong(sealed === 1 ? 'the image found is' : `all ${sealed} images found are`, this.#keys)
    }
    report.warn(`${sealed} of ${all} images are sealed under other keys than ${this.#keys} has`)
  }
}

/** What to say, and what to do, when `what` (`the image is`) sealed under other keys than a key file's. */
export function keyWrong(what: string, keys: string, cause?: unknown): NetError {
  const advice = "take the owner.keys of the owners' consortium (--keys FILE, or keys: in sfmedir.yaml)"
  return new NetError('KEY_WRONG', `${what} sealed under other keys than ${keys} has: ${advice}`, { cause })
}
