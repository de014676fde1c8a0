import { z } from 'zod'
import { fromString } from 'uint8arrays/from-string'
import { toString as toText } from 'uint8arrays/to-string'
import { NetError } from '../base/errors.ts'
import { type Random, randomBytes } from '../base/random.ts'
import type { Role } from '../base/roles.ts'

/** K_QIE (images), K_rEK (thresholds), the shadows' MAC key and the code mask's key. */
export const KEY_NAMES = Object.freeze(['imageKey', 'thresholdKey', 'macKey', 'indexKey'] as const)

/** One of {@link KEY_NAMES}. */
export type KeyName = (typeof KEY_NAMES)[number]

/** A consortium's keys, or those of them that a role needs: 32 bytes each. */
export type KeyRing = Readonly<Partial<Record<KeyName, Uint8Array>>> & {
  /** Names this set of keys without telling anything about it: 16 lower-case hex digits. */
  readonly id: string
  /** Which of the consortium's sets this is, from 1: rotating the keys adds one. */
  readonly epoch: number
}

/** A consortium's whole set of keys. Only the key centre holds it. */
export type Keys = KeyRing & Readonly<Record<KeyName, Uint8Array>>

const NEEDED: Readonly<Record<Role, readonly KeyName[]>> = Object.freeze({
  owner: ['imageKey', 'indexKey'],
  user: ['imageKey', 'indexKey'],
  master: ['thresholdKey', 'macKey'],
  slave: [],
  'key-centre': KEY_NAMES
})

const KEY_FILE = z.strictObject({
  format: z.literal('sfmedir-keys'),
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{16}$/),
  epoch: z
    .int()
    .min(1)
    .max(2 ** 31),
  keys: z.partialRecord(z.enum(KEY_NAMES), z.string().regex(/^[0-9a-f]{64}$/))
})
const MAX_FILE_CHARACTERS = 4096 // a full file has some 450

/** Fresh keys for a consortium (the paper's KeyGen). `epoch` is 1 when left out. */
export function generateKeys(random: Random, { epoch = 1 }: { readonly epoch?: number } = {}): Keys {
  return {
    id: toText(randomBytes(random, 8), 'hex'),
    epoch,
    imageKey: randomBytes(random, 32),
    thresholdKey: randomBytes(random, 32),
    macKey: randomBytes(random, 32),
    indexKey: randomBytes(random, 32)
  }
}

/** Those of the keys that peers with these roles need: owners and users read images, masters split them, slaves none. */
export function keysFor(keys: Keys, ...roles: readonly Role[]): KeyRing {
  const needed = new Set(roles.flatMap(role => NEEDED[role]))
  return { id: keys.id, epoch: keys.epoch, ...Object.fromEntries([...needed].map(name => [name, keys[name]])) }
}

/** The key of this name. @throws NetError `KEYS_INVALID` when the ring does not hold it */
export function keyNamed(ring: KeyRing, name: KeyName): Uint8Array {
  const key = ring[name]
  if (key) return key
  throw new NetError('KEYS_INVALID', `the key file holds no ${name}`)
}

/** A key file's text: one JSON object. Whoever reads it holds the keys. */
export function encodeKeys(ring: KeyRing): string {
  const held = KEY_NAMES.flatMap(name => {
    const key = ring[name]
    return key ? [[name, toText(key, 'hex')]] : []
  })
  const { id, epoch } = ring
  const file = { format: 'sfmedir-keys', version: 1, id, epoch, keys: Object.fromEntries(held) }
  return `${JSON.stringify(file, null, 2)}\n`
}

/** The keys in a key file's text. @throws NetError `KEYS_INVALID`, whose message names the field and never its value */
export function decodeKeys(text: string): KeyRing {
  const parsed = KEY_FILE.safeParse(parseJson(text))
  if (!parsed.success) {
    const fields = parsed.error.issues.map(issue => fieldName(issue.path)).join(', ')
    throw new NetError('KEYS_INVALID', `the key file is not valid: ${fields}`)
  }
  const { id, epoch, keys } = parsed.data
  const held = Object.entries(keys).map(([name, hex]) => [name, fromString(hex ?? '', 'hex')])
  return { id, epoch, ...Object.fromEntries(held) }
}

/** The JSON value, or undefined: what a parser says about broken text quotes it, and it may be a key. */
function parseJson(text: string): unknown {
  if (text.length > MAX_FILE_CHARACTERS) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The field at `path` when it is one of the format's; a field of another name may be a key put in the wrong place. */
function fieldName(path: readonly PropertyKey[]): string {
  const known = path.filter(part => [...Object.keys(KEY_FILE.shape), ...KEY_NAMES].includes(String(part)))
  return known.length > 0 ? known.join('.') : 'its form'
}
