import type { Chance } from './chance.ts'
import { allTrees, copyTree, textTree, type Tree } from './tree.ts'

const WIDTHS = [1, 2, 4, 8] as const
const EXTREMES: readonly (number | bigint)[] = [
  0,
  1,
  23,
  24,
  255,
  256,
  65_535,
  65_536,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 40,
  2 ** 53 - 1,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n
]
// null, undefined, break, NaN, floats, a simple value, tags, and heads of indefinite length
const RAW = [
  'f6',
  'f7',
  'ff',
  'f97e00',
  'fb3ff0000000000000',
  'fb7ff0000000000000',
  'f97c00',
  'e0',
  'f818',
  'c0a0',
  'd9d9f7',
  '9f',
  'bf',
  '5f',
  '7f',
  '1c',
  '3bffffffffffffffff'
]
const TEXTS = [
  Buffer.from('efbbbf61', 'hex'),
  Buffer.from('ff', 'hex'),
  Buffer.from('c080', 'hex'),
  Buffer.from('eda080', 'hex')
]

/** A copy of a tree with one thing about it wrong. */
export function spoilTree(tree: Tree, chance: Chance): Tree {
  const copy = copyTree(tree)
  const all = allTrees(copy)
  const at = chance.pick(all)
  const parents = all.filter(each => 'items' in each)
  const parent = parents.length > 0 ? chance.pick(parents) : undefined
  const way = chance.below(14)
  if (way === 0) Object.assign(at, { wide: chance.pick(WIDTHS) })
  else if (way === 1) Object.assign(at, { claimed: Number(chance.pick(EXTREMES)) })
  else if (way === 2) replace(at, { kind: 'number', value: chance.pick(EXTREMES), negative: chance.onceIn(3) })
  else if (way === 3) replace(at, { kind: 'raw', bytes: Buffer.from(chance.pick(RAW), 'hex') })
  else if (way === 4) replace(at, nest(chance))
  else if (way === 5) replace(at, copyTree(chance.pick(all)))
  else if (way === 6) replace(at, { kind: 'text', bytes: chance.pick(TEXTS) })
  else if (way === 7) replace(at, { kind: 'bytes', bytes: chance.bytes(chance.pick([0, 1, 31, 32, 33, 64, 300])) })
  else if (way === 8 && 'bytes' in at) Object.assign(at, { kind: at.kind === 'bytes' ? 'text' : 'bytes' })
  else if (parent === undefined || !('items' in parent)) replace(at, textTree('x'))
  else spoilItems(parent.items, way, chance)
  return copy
}

function spoilItems(items: Tree[], way: number, chance: Chance): void {
  const at = chance.below(items.length + 1)
  if (way === 9) items.splice(at, 1)
  else if (way === 10) items.splice(at - (at % 2), 2)
  else if (way === 11) items.splice(at, 0, { kind: 'number', value: chance.pick(EXTREMES) })
  else if (way === 12)
    items.splice(
      at - (at % 2),
      0,
      textTree(chance.pick(['z', 'zzzzzzzzzzzzzzzzzzzzzzz', '__proto__', 'constructor'])),
      { kind: 'number', value: 1 }
    )
  else items.push(...items.map(copyTree).slice(0, 600), ...items.slice(0, chance.below(4)).map(copyTree))
}

/** Arrays or maps in each other, up to 10,000. */
function nest(chance: Chance): Tree {
  const depth = chance.pick([3, 30, 1000, 10_000])
  return { kind: 'raw', bytes: new Uint8Array(depth).fill(chance.pick([0x81, 0xa1, 0x9f, 0xbf, 0xc1])) }
}

function replace(at: Tree, by: Tree): void {
  for (const key of Object.keys(at)) delete (at as unknown as Record<string, unknown>)[key]
  Object.assign(at, by)
}

/** A copy of bytes with up to four things about them wrong; `other` is what may be spliced in. */
export function spoilBytes(bytes: Uint8Array, other: Uint8Array, chance: Chance): Uint8Array {
  let spoilt = Uint8Array.from(bytes)
  for (let times = chance.between(1, 4); times > 0; times--) spoilt = spoilOnce(spoilt, other, chance)
  return spoilt
}

function spoilOnce(bytes: Uint8Array<ArrayBuffer>, other: Uint8Array, chance: Chance): Uint8Array<ArrayBuffer> {
  const at = chance.below(bytes.length + 1)
  const way = chance.below(9)
  if (bytes.length > 0 && way < 2) bytes[at % bytes.length] ^= 1 << chance.below(8)
  else if (bytes.length > 0 && way === 2)
    bytes[at % bytes.length] = chance.pick([0, 0x7f, 0x80, 0xff, chance.below(256)])
  else if (way === 3) return bytes.slice(0, at)
  else if (way === 4)
    return join(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + chance.between(1, 8))))
  else if (way === 5) return join(bytes.subarray(0, at), chance.bytes(chance.between(1, 8)), bytes.subarray(at))
  else if (way === 6) return join(bytes, chance.bytes(chance.between(1, 8)))
  else if (way === 7) return join(bytes.subarray(0, at), other.subarray(chance.below(other.length + 1)))
  else if (bytes.length > 0) {
    const [from, length] = [chance.below(bytes.length), chance.between(1, 32)]
    return join(bytes.subarray(0, at), bytes.subarray(from, from + length), bytes.subarray(at))
  }
  return bytes
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts))
}
