import type { AbortOptions } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import type { Network } from '../../protocols/network.ts'
import {
  MAX_VERIFIED,
  type VerifiedImage,
  type VerifyImagesAnswer,
  type VerifyImagesRequest,
  verifyImages
} from '../../protocols/verify-images.ts'

/** How one image stands, by what its slaves answered just now. */
export type JudgedImage = VerifiedImage

/** Which images are verified, and how. */
export interface VerifyOptions extends AbortOptions {
  /** Only those of this owner. */
  readonly owner?: PeerId
  /** Every slave has to prove each of its shadows, instead of listing it; false when left out. */
  readonly deep?: boolean
}

const MAX_EMPTY_PAGES = 1000 // in a row, of two thousand records each that a master looks at: a filter leaves no more out

type Ask = (master: PeerId, options: Required<AbortOptions>) => Promise<VerifyImagesAnswer>

/** What verifying is done with. */
export interface VerifyPorts {
  readonly network: Network
  /** Has one master after the other asked until one answers well. */
  readonly ask: (ask: Ask, options: AbortOptions) => Promise<VerifyImagesAnswer>
}

/**
 * How every stored image stands, in the order of ids, as a master finds it by asking the slaves now. It is that master's word.
 * @throws NetError `NO_MASTERS`, or what the masters answered
 */
export async function* verifyStoredImages(
  { network, ask }: VerifyPorts,
  { owner, deep = false, signal }: VerifyOptions = {}
): AsyncGenerator<JudgedImage> {
  let idle = 0
  for (let after: VerifyImagesRequest['after']; ; ) {
    const request = { after, owner, limit: MAX_VERIFIED, deep }
    const { images, next } = await ask(
      async (master, options) => checkPage(await network.request(master, verifyImages, request, options), request),
      { signal }
    )
    idle = images.length > 0 ? 0 : idle + 1
    if (idle > MAX_EMPTY_PAGES) throw new NetError('MESSAGE_INVALID', 'a master goes on and verifies nothing')
    yield* images
    if (next === undefined) return
    after = next
  }
}

/** A master that does not move on would be asked for ever. */
function checkPage(answer: VerifyImagesAnswer, { after, limit }: VerifyImagesRequest): VerifyImagesAnswer {
  const { images, next } = answer
  const ids = [...(after === undefined ? [] : [after]), ...images.map(({ image }) => image)]
  const isOrdered = ids.every((id, at) => at === 0 || id > ids[at - 1])
  const movesOn = next === undefined || (next >= (ids.at(-1) ?? next) && next !== after)
  if (images.length <= limit && isOrdered && movesOn) return answer
  throw new NetError('MESSAGE_INVALID', 'a master verifies images out of order')
}
