import { join } from 'node:path'
import { fromString } from 'uint8arrays/from-string'
import { toString as toText } from 'uint8arrays/to-string'
import { NetError, systemCode } from '../../base/errors.ts'
import type { PeerId } from '../../base/ids.ts'
import { type Random, randomBytes } from '../../base/random.ts'
import { readSecret } from '../../base/read-secret.ts'
import { writeWhole } from '../../base/write-whole.ts'
import { createSigner } from '../../crypto/ed25519-signer.ts'

/** Who a peer is. */
export interface Identity {
  /** Ed25519 seed, 32 bytes: the peer's secret. */
  readonly seed: Uint8Array
  /** The id that belongs to it. */
  readonly peer: PeerId
}

const FILE = 'identity.key'

/**
 * The identity in a peer's data folder, made on the first call: one file, readable by its owner only. Whoever copies it
 * is that peer.
 * @throws NetError `FILE_UNREADABLE`, `FILE_UNWRITABLE`, `KEYS_INVALID` when the file holds no identity or others may read it
 */
export async function loadIdentity(dataFolder: string, random: Random): Promise<Identity> {
  const file = join(dataFolder, FILE)
  const text = readSecret(file) ?? (await create(dataFolder, random)) ?? readSecret(file)
  if (!/^[0-9a-f]{64}\n?$/.test(text ?? '')) {
    throw new NetError('KEYS_INVALID', `${file} holds no identity: 64 lower-case hex digits`)
  }
  const seed = fromString((text as string).trim(), 'hex') // matched just now
  return { seed, peer: createSigner(seed).self }
}

/** The text written; undefined when another process was faster. */
async function create(folder: string, random: Random): Promise<string | undefined> {
  const text = `${toText(randomBytes(random, 32), 'hex')}\n`
  try {
    await writeWhole(join(folder, FILE), text, { mode: 0o600 })
    return text
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') return undefined
    throw new NetError('FILE_UNWRITABLE', `no identity can be written to ${folder} (${systemCode(cause)})`, { cause })
  }
}
