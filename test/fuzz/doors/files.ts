import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { stringify } from 'yaml'
import { shadowNumber, sharingId } from '../../../base/ids.ts'
import { seededRandom } from '../../../base/random.ts'
import { loadConfig } from '../../../cli/config/load-config.ts'
import { decodeKeys, encodeKeys, generateKeys } from '../../../crypto/keys.ts'
import { checkManifest } from '../../../hashing/manifest.ts'
import { encodeRecord } from '../../../indexing/encode-record.ts'
import {
  changeKey,
  cursorKey,
  readChange,
  readCursor,
  readDigest,
  readHead,
  readRecord,
  readSummary,
  recordKey,
  writeChange,
  writeCursor,
  writeRecord,
  writeSummary
} from '../../../indexing/record-value.ts'
import { exportModel } from '../../../models/weights/export-model.ts'
import { decodeModel } from '../../../models/weights/model-file.ts'
import { initialWeights } from '../../../models/net/parameters.ts'
import { loadIdentity } from '../../../node/peers/identity.ts'
import { parsePlan } from '../../../sim/soak/parse-plan.ts'
import { parseTheorem4Result } from '../../../sim/theorem4/parse-result.ts'
import { readResult } from '../../../sim/report/result-files.ts'
import { filePath, parseFileName, parseTrashName, trashPath } from '../../../storage/shadow-file.ts'
import {
  entryChange,
  metadataKey,
  readEntry,
  readOldestKey,
  readTrashed,
  trashChanges
} from '../../../storage/shadow-metadata.ts'
import { exampleImage, examplePeer, exampleRecord } from '../../contract/example-record.ts'
import { type Door, sampleMaker } from '../engine/door.ts'
import { jsonMaker } from '../engine/json.ts'

const random = seededRandom('fuzz files')
const FILE_SHARE = 0.1 // a file is written and read for each case
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** What is read from disk: by the one who runs a peer, or by a peer from its own folder. */
export function fileDoors(): Door[] {
  return [...textDoors(), ...configDoors(), ...indexDoors(), ...storeDoors(), modelDoor()]
}

function textDoors(): Door[] {
  const digest = 'ab'.repeat(32)
  const view = { version: 1, side: 64 }
  const entry = {
    name: 'a',
    file: 'a.onnx',
    digest,
    bytes: 9,
    view,
    viewDigest: digest,
    codeBits: [16, 64],
    classes: ['x']
  }
  const parsed = (bytes: Uint8Array): unknown => {
    try {
      return JSON.parse(textOf(bytes))
    } catch {
      return undefined // its own reader says so: `readResult` is another door
    }
  }
  return [
    {
      name: 'key file',
      make: jsonMaker([JSON.parse(encodeKeys(generateKeys(random)))]),
      enter: bytes => void decodeKeys(textOf(bytes))
    },
    { name: 'plan', make: jsonMaker([PLAN]), enter: bytes => void parsePlan(textOf(bytes)) },
    {
      name: 'model manifest',
      make: jsonMaker([{ version: 1, default: 'a', models: [entry, { ...entry, name: 'b' }] }]),
      enter: bytes => void checkManifest(parsed(bytes))
    },
    {
      name: 'theorem4 result',
      make: jsonMaker([RESULT]),
      enter: bytes => {
        const value = parsed(bytes)
        if (typeof value === 'object' && value !== null) parseTheorem4Result(value)
      }
    }
  ]
}

/** A door whose input is the content of a file. */
function onDisk(door: Omit<Door, 'enter' | 'open' | 'close'>, file: string, enter: (folder: string) => unknown): Door {
  let folder = ''
  return {
    share: FILE_SHARE,
    ...door,
    open: async () => {
      folder = mkdtempSync(join(tmpdir(), 'sfmedir-fuzz-'))
    },
    close: async () => rmSync(folder, { recursive: true }),
    enter: async bytes => {
      writeFileSync(join(folder, file), bytes, { mode: 0o600 })
      await enter(folder)
    }
  }
}

function configDoors(): Door[] {
  const member = { peer: examplePeer(1), site: 'north', roles: ['master', 'slave'] }
  const config = {
    data: './x',
    roles: ['owner'],
    site: 'here',
    listen: ['/ip4/0.0.0.0/tcp/0'],
    bits: 16,
    roster: [member],
    log: 'warn'
  }
  const yaml = (value: unknown): string => stringify(value) ?? ''
  const load = (flags: Record<string, string>): unknown => loadConfig(flags, {})
  return [
    onDisk({ name: 'config', make: jsonMaker([config], yaml) }, 'c.yaml', folder =>
      load({ config: join(folder, 'c.yaml') })
    ),
    onDisk({ name: 'roster', make: jsonMaker([[member, member]], yaml) }, 'r.yaml', folder =>
      load({ roster: join(folder, 'r.yaml') })
    ),
    onDisk({ name: 'identity', make: sampleMaker([Buffer.from(`${'ab'.repeat(32)}\n`)]) }, 'identity.key', folder =>
      loadIdentity(folder, random)
    ),
    onDisk({ name: 'result file', make: jsonMaker([RESULT]) }, 'result.json', folder =>
      readResult(join(folder, 'result.json'))
    )
  ]
}

/** Bytes with the check sum that they should have, before or behind: what a disk's own decay does not make. */
function summed(key: string, bytes: Uint8Array, at: 'before' | 'behind'): Uint8Array {
  const body = at === 'before' ? bytes.subarray(4) : bytes.subarray(0, Math.max(0, bytes.length - 4))
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body, crc32(key)))
  return Buffer.concat(at === 'before' ? [sum, body] : [body, sum])
}

function indexDoors(): Door[] {
  const records = [exampleRecord(), exampleRecord({ deleted: true })]
  const key = recordKey(records[0].id)
  const values = records.map(record => writeRecord({ record, encoded: encodeRecord(record) }, 7))
  const change = changeKey(7)
  const cursor = cursorKey(examplePeer(1))
  return [
    {
      name: 'index value',
      make: sampleMaker(values),
      enter: bytes => {
        const value = summed(key, bytes, 'before')
        readHead(key, value)
        readDigest(key, value)
        readRecord(key, value)
      }
    },
    {
      name: 'index change',
      make: sampleMaker([writeChange(7, exampleImage(1))]),
      enter: bytes => void readChange(change, summed(change, bytes, 'before'))
    },
    {
      name: 'index summary',
      make: sampleMaker([writeSummary({ count: 3, lastSequence: 7 })]),
      enter: bytes => void readSummary(summed('m', bytes, 'before'))
    },
    {
      name: 'index cursor',
      make: sampleMaker([writeCursor(cursor, { incarnation: 'ab'.repeat(16), sequence: 7 })]),
      enter: bytes =>
        void [readCursor(cursor, summed(cursor, bytes, 'before')), readCursor('i', summed('i', bytes, 'before'))]
    }
  ]
}

function storeDoors(): Door[] {
  const shadow = { image: exampleImage(1), sharing: sharingId('5'.repeat(16)), number: shadowNumber(3) }
  const entry = {
    ...shadow,
    bytes: 300,
    digest: exampleImage(2),
    asked: 9,
    counter: 1,
    master: examplePeer(1),
    putAt: 5
  }
  const beside = { ...entry, record: { bytes: 900, digest: exampleImage(3) } }
  const trashed = { ...beside, time: 99, reason: 'deleted' as const }
  const key = metadataKey(entry)
  const valueIn = (change: object): Uint8Array => (change as { value: Uint8Array }).value // of a put
  const [inTrash] = trashChanges(trashed)
  const names = [filePath(entry), trashPath(trashed)].map(path => Buffer.from(path.split('/').at(-1) ?? ''))
  return [
    {
      name: 'shadow entry',
      make: sampleMaker([valueIn(entryChange(entry)), valueIn(entryChange(beside)), valueIn(inTrash)]),
      enter: bytes => {
        readEntry(key, summed(key, bytes, 'behind'))
        readTrashed(inTrash.key, summed(inTrash.key, bytes, 'behind'))
      }
    },
    {
      name: 'shadow file name',
      make: sampleMaker(names),
      enter: bytes => {
        parseFileName(textOf(bytes))
        parseTrashName(textOf(bytes))
      }
    },
    {
      name: 'trash order',
      make: sampleMaker([Buffer.from(`oldest/00000000000063/${entry.image}/${entry.sharing}`)]),
      enter: bytes => void readOldestKey(textOf(bytes))
    }
  ]
}

function modelDoor(): Door {
  const net = { side: 32, widths: [4, 4, 4, 4], depths: [1, 1, 1, 1], codeBits: [8] } as const
  const weights = initialWeights(net, seededRandom('fuzz model'))
  return {
    name: 'model file',
    share: 0.02,
    make: sampleMaker([exportModel(net, weights)]),
    enter: bytes => void decodeModel(bytes)
  }
}

const PLAN = {
  format: 1,
  seed: 7,
  masters: 2,
  slaves: 5,
  sites: 3,
  link: { latencyMs: 5, loss: 0.1 },
  skewMs: 10,
  actions: [
    { atMs: 5, verb: 'down', peer: 1 },
    { atMs: 9, verb: 'store', value: 3 }
  ]
}

const RESULT = {
  format: 1,
  kind: 'theorem4',
  version: '0.1.0',
  config: {
    engine: 'virtual',
    pairs: [[2, 3]],
    p: [0.1],
    trials: 10,
    models: ['independent'],
    masterP: 0,
    seed: 1,
    masters: 2,
    slaves: 5,
    sites: 5,
    images: 1,
    imageBytes: 100,
    crypto: 'paper'
  },
  cells: [{ r: 2, s: 3, p: 0.1, trials: 10, failures: 1, low: 0, high: 0.4, exact: 0.028, printed: 0.03 }],
  others: [],
  apart: { mastersDown: { trials: 1, failures: 0, expected: 0 }, remainderLost: 0 },
  complete: true
}
