import type { ImageId, PeerId } from '../../base/ids.ts'
import { drawOrder } from '../peers/draw-order.ts'

/** Masters in the order in which they may repair an image. */
export function repairOrder(image: ImageId, masters: readonly PeerId[]): PeerId[] {
  return drawOrder(`repair/${image}`, masters)
}
