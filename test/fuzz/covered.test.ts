import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codec, type Shape } from '../../codec/codec.ts'
import { growTree, isOf } from './engine/grow.ts'
import { Chance } from './engine/chance.ts'
import { encodeTree } from './engine/tree.ts'
import { allDoors } from './doors/all.ts'
import { allProtocols, shapesOf } from './doors/messages.ts'
import { recordShapes } from './doors/records.ts'

const ROOT = join(import.meta.dirname, '../..')
const READERS =
  /export (?:async )?function ((?:decode|read|parse)[A-Z]\w*|open(?:Sealed|Shadow|Metadata|Threshold)|check(?:Manifest)|load(?:Config|Identity))\(/g

// Which door a reader of outside bytes stands behind. `decode…` of indexing/encode-*.ts find their own.
const BEHIND: Readonly<Record<string, string>> = {
  decodeFailure: 'failure',
  decodeFragments: 'shadow bai by a master',
  decodeImage: 'image DICOM',
  decodeDicom: 'image DICOM',
  decodeRaster: 'image jpeg',
  decodeKeys: 'key file',
  decodeModel: 'model file',
  readModelFile: 'model file',
  decodedRecord: 'index value',
  readDicomHeader: 'DICOM header',
  readFrame: 'image DICOM',
  readPalette: 'image DICOM',
  readParts: 'encrypted image qms2',
  readShadow: 'shadow bai',
  openShadow: 'shadow bai by a master',
  openSealed: 'metadata sealed',
  openMetadata: 'metadata sealed',
  openThreshold: 'threshold sealed',
  readPlacement: 'threshold by a master',
  readHead: 'index value',
  readRecord: 'index value',
  readDigest: 'index value',
  readCursor: 'index cursor',
  readChange: 'index change',
  readSummary: 'index summary',
  readEntry: 'shadow entry',
  readTrashed: 'shadow entry',
  readOldestKey: 'trash order',
  parseFileName: 'shadow file name',
  parseTrashName: 'shadow file name',
  parsePlan: 'plan',
  parseTheorem4Result: 'theorem4 result',
  readResult: 'result file',
  checkManifest: 'model manifest',
  readManifest: 'model manifest',
  loadConfig: 'config',
  loadIdentity: 'identity'
}

// Readers that see no bytes of others, and what they do see.
const INSIDE: Readonly<Record<string, string>> = {
  readHeader: 'a frame on a stream: test/network/protocols/hostile.test.ts',
  readLength: 'a frame on a stream: test/network/protocols/hostile.test.ts',
  readSecret: 'a file as it is; what is in it has doors of its own',
  readSealed: 'bytes that have the digest of their entry; what masters open of them: `record sealed`',
  readTrials: 'an option of the simulator',
  readHealth: "a peer's own roles",
  readListed: 'claims and metadata: `decode Claim`, `metadata sealed`'
}

const ROOMS =
  '{base,codec,crypto,hashing,indexing,protocols,storage,node,cli/config,sim/soak,sim/theorem4,sim/report,models/weights}/**/*.ts'

describe('every door', async () => {
  const names = (await allDoors()).map(({ name }) => name)

  it('is named once', () => expect(new Set(names).size).toBe(names.length))

  it('each request and answer of every protocol has one', async () => {
    const wanted = (await allProtocols()).flatMap(({ id }) =>
      ['request', 'answer'].map(each => `${id.split('/')[2]} ${each}`)
    )
    expect(wanted.length).toBeGreaterThanOrEqual(24)
    expect(wanted.filter(name => !names.includes(name))).toEqual([])
  })

  it('each function that reads bytes from outside stands behind one', () => {
    const files = globSync(ROOMS, { cwd: ROOT }).filter(file => !file.endsWith('.as.ts'))
    const readers = files.flatMap(file =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(READERS)].map(([, name]) => name)
    )
    const bare = readers.filter(name => {
      const door = BEHIND[name] ?? (name.startsWith('decode') ? `decode ${name.slice('decode'.length)}` : '')
      return !names.includes(door) && INSIDE[name] === undefined
    })
    expect(readers.length).toBeGreaterThan(30)
    expect(bare).toEqual([])
  })

  it('valid messages are made of every shape, whatever it is checked for', async () => {
    const shapes = (await recordShapes()).map((shape): [string, Shape<unknown>] => ['record', shape])
    for (const { id, request, answer } of await allProtocols()) {
      for (const shape of [...shapesOf(id, request), ...shapesOf(id, answer)]) shapes.push([id, shape])
    }
    for (const [name, shape] of shapes) {
      const made = Array.from({ length: 30 }, (_, at) =>
        growTree(shape, new Chance(`valid ${name}`, at), { bytes: [], texts: [] })
      )
      const valid = made.filter(tree => isOf(shape, tree))
      expect(valid.length, name).toBeGreaterThan(5)
      if (shape.plain === undefined) continue // read only
      for (const tree of valid) {
        const { decode, encode } = codec(shape)
        expect(Buffer.compare(encode(decode(encodeTree(tree))), encodeTree(tree)), name).toBe(0)
      }
    }
  })
})
