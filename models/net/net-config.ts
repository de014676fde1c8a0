import { NetError } from '../../base/errors.ts'
import { LAYOUT_VALUES } from '../../hashing/descriptor.ts'
import { SPECTRUM_SIZE } from './frequencies.ts'

/** The shape of a hash net: a ConvNeXt trunk and one linear head for each code length. */
export interface NetConfig {
  /** Width and height of the view in pixels: a multiple of 32, 32 to 128. */
  readonly side: number
  /** Channels of the four stages. */
  readonly widths: readonly number[]
  /** Blocks of the four stages. */
  readonly depths: readonly number[]
  /** Code lengths, ascending. */
  readonly codeBits: readonly number[]
  /** Values of its fine descriptor, which tells images of one class apart, 65 or more; left out: it has none. */
  readonly descriptor?: number
}

const CODE_BITS = Object.freeze([8, 16, 32, 64])

/** The nets that `--net` names. Sizes for one grey plane of 64 pixels. */
export const NETS: Readonly<Record<string, NetConfig>> = Object.freeze({
  // 27 k parameters: tests and demonstrations
  micro: { side: 32, widths: [8, 16, 24, 32], depths: [1, 1, 1, 1], codeBits: CODE_BITS },
  // 1.1 M parameters, some 600 images/s in training on one core: the default
  small: { side: 64, widths: [24, 48, 96, 192], depths: [2, 2, 4, 2], codeBits: CODE_BITS },
  // 3.4 M parameters: ConvNeXt-atto (timm)
  atto: { side: 64, widths: [40, 80, 160, 320], depths: [2, 2, 6, 2], codeBits: CODE_BITS }
})

/** The net of this name at this view size. @throws NetError `CONFIG_INVALID` for an unknown name or a side it cannot take */
export function netNamed(name: string, side?: number): NetConfig {
  const known = Object.hasOwn(NETS, name) ? NETS[name] : undefined
  if (known === undefined) {
    throw new NetError('CONFIG_INVALID', `there is no net of this name; there are ${Object.keys(NETS).join(', ')}`)
  }
  const sized = { ...known, side: side ?? known.side }
  if (sized.side % 32 !== 0 || sized.side < 32 || sized.side > 128) {
    throw new NetError('CONFIG_INVALID', 'the view size of a net is 32, 64, 96 or 128', {
      detail: { side: sized.side }
    })
  }
  return sized
}

/** What a parameter is for: how it starts, and whether weight decay pulls at it. */
type ParameterRole = 'matrix' | 'residual' | 'head' | 'one' | 'zero'

/** One parameter tensor and its place in the flat vector. */
export interface Parameter {
  readonly name: string
  readonly shape: readonly number[]
  readonly role: ParameterRole
  /** First element in the flat vector. */
  readonly offset: number
  readonly size: number
}

/** Whether a parameter is one of the descriptor's own. */
export function isOfDescriptor(name: string): boolean {
  return name.startsWith('describe.')
}

/** All parameters of a net in their order in the flat vector. */
export function parametersOf(net: NetConfig): Parameter[] {
  const list: Omit<Parameter, 'offset' | 'size'>[] = []
  const [first] = net.widths
  const norm = (name: string, width: number): void => {
    list.push({ name: `${name}.scale`, shape: [1, width], role: 'one' })
    list.push({ name: `${name}.offset`, shape: [width, 1], role: 'zero' })
  }
  const linear = (name: string, shape: readonly [number, number], role: ParameterRole = 'matrix'): void => {
    list.push({ name: `${name}.weight`, shape, role }, { name: `${name}.bias`, shape: [shape[0], 1], role: 'zero' })
  }
  linear('stem', [first, 16])
  norm('stem.norm', first)
  net.widths.forEach((width, stage) => {
    if (stage > 0) {
      norm(`down${stage}.norm`, net.widths[stage - 1])
      linear(`down${stage}`, [width, 4 * net.widths[stage - 1]])
    }
    for (let block = 0; block < net.depths[stage]; block++) {
      const name = `stage${stage}.block${block}`
      linear(`${name}.depthwise`, [width, 49])
      norm(`${name}.norm`, width)
      linear(`${name}.widen`, [4 * width, width])
      linear(`${name}.narrow`, [width, 4 * width], 'residual')
      list.push({ name: `${name}.layerScale`, shape: [width, 1], role: 'one' })
    }
  })
  const last = net.widths[net.widths.length - 1]
  norm('head.norm', last)
  for (const bits of net.codeBits) linear(`code${bits}`, [bits, last], 'head')
  if (net.descriptor !== undefined) {
    list.push({ name: 'describe.mean', shape: [SPECTRUM_SIZE, 1], role: 'zero' })
    list.push({ name: 'describe.weight', shape: [net.descriptor - LAYOUT_VALUES, SPECTRUM_SIZE], role: 'matrix' })
  }
  let offset = 0
  return list.map(({ name, shape, role }) => {
    const size = shape[0] * shape[1]
    offset += size
    return { name, shape, role, offset: offset - size, size }
  })
}
