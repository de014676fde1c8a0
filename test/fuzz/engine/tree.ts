/** CBOR as it may stand on the wire, right or wrong. */
export type Tree =
  /** An unsigned or, with `negative`, a negative number: the argument of the head. */
  | { kind: 'number'; value: number | bigint; negative?: boolean; wide?: number }
  | { kind: 'bytes'; bytes: Uint8Array; wide?: number; claimed?: number }
  | { kind: 'text'; bytes: Uint8Array; wide?: number; claimed?: number }
  /** Of a map, keys and values in turn. */
  | { kind: 'array'; items: Tree[]; wide?: number; claimed?: number }
  | { kind: 'map'; items: Tree[]; wide?: number; claimed?: number }
  /** Bytes as they are: simple values, floats, tags, rubbish. */
  | { kind: 'raw'; bytes: Uint8Array }

const MAJOR = { number: 0, bytes: 2, text: 3, array: 4, map: 5 } as const

/** A tree's bytes. `wide` writes a head longer than it need be (1, 2, 4 or 8 bytes); `claimed` a length that is not so. */
export function encodeTree(tree: Tree): Uint8Array {
  const parts: Uint8Array[] = []
  write(tree, parts)
  return Buffer.concat(parts)
}

function write(tree: Tree, parts: Uint8Array[]): void {
  if (tree.kind === 'raw') parts.push(tree.bytes)
  else if (tree.kind === 'number') parts.push(head(tree.negative ? 1 : 0, tree.value, tree.wide))
  else if (tree.kind === 'bytes' || tree.kind === 'text') {
    parts.push(head(MAJOR[tree.kind], tree.claimed ?? tree.bytes.length, tree.wide), tree.bytes)
  } else {
    const count = tree.kind === 'map' ? tree.items.length >> 1 : tree.items.length
    parts.push(head(MAJOR[tree.kind], tree.claimed ?? count, tree.wide))
    for (const item of tree.items) write(item, parts)
  }
}

function head(major: number, value: number | bigint, wide = 0): Uint8Array {
  const big = BigInt(value)
  const need = big < 24n ? 0 : big < 0x100n ? 1 : big < 0x10000n ? 2 : big < 0x100000000n ? 4 : 8
  const width = Math.max(need, wide)
  if (width === 0) return Uint8Array.of((major << 5) | Number(big))
  const bytes = new Uint8Array(1 + width)
  bytes[0] = (major << 5) | (23 + [1, 2, 4, 8].indexOf(width) + 1)
  for (let i = 0; i < width; i++) bytes[width - i] = Number((big >> BigInt(8 * i)) & 0xffn)
  return bytes
}

/** A text's tree. */
export function textTree(text: string): Tree {
  return { kind: 'text', bytes: Buffer.from(text) }
}

/** A tree of its own that may be changed; bytes are shared. */
export function copyTree(tree: Tree): Tree {
  return 'items' in tree ? { ...tree, items: tree.items.map(copyTree) } : { ...tree }
}

/** The tree and all in it. */
export function allTrees(tree: Tree, found: Tree[] = []): Tree[] {
  found.push(tree)
  if ('items' in tree) for (const item of tree.items) allTrees(item, found)
  return found
}
