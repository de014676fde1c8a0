import sharp from 'sharp'
import { type Random, randomBelow } from '../../base/random.ts'
import type { DecodedImage } from '../../hashing/decoded-image.ts'

const NOISE = 6 // grey levels of 255, each way
const SHIFT = 0.01 // of the width and height, each way

/** A query that is near a stored image but not the same: shifted by about 1 % and with noise, as a PNG. */
export async function perturb(image: DecodedImage, random: Random): Promise<Uint8Array> {
  const { width, height, samples, black, white } = image
  const span = (side: number): number => Math.max(1, Math.round(side * SHIFT))
  const dx = randomBelow(random, 2 * span(width) + 1) - span(width)
  const dy = randomBelow(random, 2 * span(height) + 1) - span(height)
  const grey = new Uint8Array(width * height)
  const noise = random.fill(new Uint8Array(width * height))
  const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), most)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = clamp(y + dy, height - 1) * width + clamp(x + dx, width - 1)
      const level = clamp((samples[from] - black) / (white - black || 1), 1) * 255
      grey[y * width + x] = clamp(Math.round(level + (noise[y * width + x] / 255 - 0.5) * 2 * NOISE), 255)
    }
  }
  return sharp(grey, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer()
}
