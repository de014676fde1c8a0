import { type AbortOptions, abortReason } from '../../base/clock.ts'
import { NetError } from '../../base/errors.ts'
import { withDefaults } from '../../base/options.ts'
import { seededRandom, shuffled } from '../../base/random.ts'
import { LAYOUT_VALUES } from '../../hashing/descriptor.ts'
import type { ViewSet } from '../data/load-views.ts'
import { showAgain } from '../data/shown-again.ts'
import { SPECTRUM_SIZE, VALUE_DEVIATION } from '../net/frequencies.ts'
import { type NetConfig, parametersOf } from '../net/net-config.ts'
import { initialWeights, transferWeights } from '../net/parameters.ts'
import { SessionCache } from '../net/session-cache.ts'
import { type Discriminant, discriminant } from './discriminant.ts'

/** How a descriptor is trained. */
export interface DescriptorSettings {
  /** Values of the descriptor, its thumbnail left out. */
  readonly values: number
  /** So many images are shown again, each once; all when there are fewer. */
  readonly shown: number
  readonly seed: string
}

/** Half as many values lose 1 in 100 of the moved images of K-CT; more images shown again change nothing. */
export const DESCRIPTOR_DEFAULTS: DescriptorSettings = Object.freeze({
  values: 128,
  shown: 6000,
  seed: '1'
})

/** What {@link trainDescriptor} takes beside the images. */
export interface DescriptorInit extends AbortOptions {
  readonly settings?: Partial<DescriptorSettings>
  /** The model that gets the descriptor; its own weights, and so its codes, stay as they are. */
  readonly start: { readonly net: NetConfig; readonly weights: Float32Array }
}

/** A net with a descriptor. */
export interface DescriptorOutcome {
  readonly net: NetConfig
  readonly weights: Float32Array<SharedArrayBuffer>
  readonly settings: DescriptorSettings
}

const BATCH = 32

/**
 * Give a model a fine descriptor: the directions in which the spectra of different images differ most for what that of one
 * image changes when it is shown again (moved, turned, noisy). One pass and no steps; blocks its thread for some ten seconds.
 * @throws NetError `CONFIG_INVALID` (fewer than two images), `REQUEST_ABORTED`; RangeError for more values than a spectrum has
 */
export async function trainDescriptor(views: ViewSet, init: DescriptorInit): Promise<DescriptorOutcome> {
  const settings = withDefaults<DescriptorSettings>(DESCRIPTOR_DEFAULTS, init.settings)
  const all = Int32Array.from(views.names.keys())
  if (all.length < 2) throw new NetError('CONFIG_INVALID', 'a descriptor is trained on two images or more')
  const random = seededRandom(`${settings.seed}/descriptor`)
  const again = Int32Array.from(shuffled(random, [...all]).slice(0, settings.shown))
  const { side } = views
  const viewAt = (at: number): Uint8Array => views.pixels.subarray(at * side ** 2, (at + 1) * side ** 2)
  const stored = await spectraOf(init, all, (at, to) => toShares(viewAt(at), to))
  const shown = await spectraOf(init, again, (at, to) => showAgain(viewAt(at), to, { side, random }))
  again.forEach((at, row) => {
    for (let k = 0; k < SPECTRUM_SIZE; k++) shown[row * SPECTRUM_SIZE + k] -= stored[at * SPECTRUM_SIZE + k]
  })
  const [rows, changes] = [stored, shown].map(data => ({ data, width: SPECTRUM_SIZE }))
  const found = discriminant(rows, changes, settings.values)
  return { ...withDescriptor(init.start, found, deviationOf(stored, found)), settings }
}

function toShares(view: Uint8Array, to: Float32Array): void {
  view.forEach((level, i) => {
    to[i] = level / 255
  })
}

/** The spectra of these images, a row each; `show` writes a view. */
async function spectraOf(
  { start, signal }: DescriptorInit,
  images: Int32Array,
  show: (at: number, to: Float32Array) => void
): Promise<Float32Array> {
  const { side } = start.net
  const sessions = new SessionCache(start.net)
  const session = await sessions.get('spectrum', BATCH)
  const x = { data: new Float32Array(BATCH * side ** 2), shape: [1, BATCH, side, side] }
  const s = { data: new Float32Array(SPECTRUM_SIZE * BATCH), shape: [SPECTRUM_SIZE, BATCH] }
  const spectra = new Float32Array(images.length * SPECTRUM_SIZE)
  for (let first = 0; first < images.length; first += BATCH) {
    if (signal?.aborted) throw abortReason(signal)
    const batch = images.subarray(first, first + BATCH)
    for (const [i, at] of batch.entries()) show(at, x.data.subarray(i * side ** 2, (i + 1) * side ** 2))
    await session.run({ x }, { s })
    for (let i = 0; i < batch.length; i++) {
      for (let k = 0; k < SPECTRUM_SIZE; k++) spectra[(first + i) * SPECTRUM_SIZE + k] = s.data[k * BATCH + i]
    }
  }
  await sessions.close()
  return spectra
}

/** The deviation of all values of the descriptors of these spectra together. */
function deviationOf(spectra: Float32Array, { mean, directions }: Discriminant): number {
  const values = directions.length / SPECTRUM_SIZE
  let squares = 0
  for (let from = 0; from < spectra.length; from += SPECTRUM_SIZE) {
    for (let value = 0; value < values; value++) {
      let sum = 0
      for (let k = 0; k < SPECTRUM_SIZE; k++)
        sum += directions[value * SPECTRUM_SIZE + k] * (spectra[from + k] - mean[k])
      squares += sum * sum
    }
  }
  return Math.sqrt((squares * SPECTRUM_SIZE) / (spectra.length * values))
}

function withDescriptor(
  start: DescriptorInit['start'],
  { mean, directions }: Discriminant,
  deviation: number
): Pick<DescriptorOutcome, 'net' | 'weights'> {
  const net = { ...start.net, descriptor: directions.length / SPECTRUM_SIZE + LAYOUT_VALUES }
  const fresh = initialWeights(net, seededRandom('overwritten'))
  const weights = new Float32Array(new SharedArrayBuffer(4 * fresh.length))
  const bare = { ...start.net, descriptor: undefined } // a descriptor that it has is found anew
  transferWeights({ net: bare, weights: start.weights }, { net, weights })
  for (const { name, offset } of parametersOf(net)) {
    if (name === 'describe.mean') weights.set(mean, offset)
    if (name === 'describe.weight')
      weights.set(
        directions.map(value => (VALUE_DEVIATION * value) / deviation),
        offset
      )
  }
  return { net, weights }
}
