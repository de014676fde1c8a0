import { decode, encode } from 'cborg'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNetError } from '../../../base/errors.ts'
import { partsOf } from '../../../codec/codec.ts'
import type { Codec } from '../../../codec/codec.ts'
import type { Protocol } from '../../../protocols/network.ts'
import { putShadow } from '../../../protocols/put-shadow.ts'
import { searchImages } from '../../../protocols/search-images.ts'
import { syncRecords } from '../../../protocols/sync-records.ts'
import { ALL_MESSAGES } from './messages.ts'

const cases = ALL_MESSAGES.flatMap(({ protocol, request, answer }) => [
  { name: `${protocol.id} request`, codec: protocol.request as Codec<unknown>, value: request },
  { name: `${protocol.id} answer`, codec: protocol.answer as Codec<unknown>, value: answer }
])

/** Decodes to a value that encodes to the same bytes, or refuses: the one form of every message. */
function decodesOrRefuses(codec: Codec<unknown>, bytes: Uint8Array): void {
  let value: unknown
  try {
    value = codec.decode(bytes)
  } catch (error) {
    if (!isNetError(error, 'MESSAGE_INVALID')) throw error
    return
  }
  expect(Buffer.compare(codec.encode(value), bytes)).toBe(0)
}

function codeOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return isNetError(error) ? error.code : error
  }
  return 'no error'
}

describe.each(cases)('$name', ({ codec, value }) => {
  it('comes back as it was sent, and within its limits', () => {
    fc.assert(
      fc.property(value, sent => {
        expect(codec.decode(codec.encode(sent))).toEqual(sent)
        expect(Buffer.concat(partsOf(codec, sent)).equals(codec.encode(sent))).toBe(true)
      })
    )
  })
  it('refuses any other bytes with MESSAGE_INVALID', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), noise => decodesOrRefuses(codec, noise)))
    fc.assert(fc.property(fc.anything({ withNullPrototype: false }), any => decodesOrRefuses(codec, encodeAny(any))))
  })
  it('refuses a message with bytes changed, cut or added, or reads another value of the same form', () => {
    const mutation = fc.record({ at: fc.nat(), to: fc.nat(255), cut: fc.nat(), add: fc.uint8Array({ maxLength: 3 }) })
    fc.assert(
      fc.property(value, mutation, (sent, { at, to, cut, add }) => {
        const bytes = codec.encode(sent)
        const changed = Uint8Array.from(bytes)
        changed[at % bytes.length] = to
        decodesOrRefuses(codec, changed)
        decodesOrRefuses(codec, bytes.subarray(0, cut % bytes.length))
        decodesOrRefuses(codec, Buffer.concat([bytes, add]))
      }),
      { numRuns: 300 }
    )
  })
  it('refuses an unknown field', () => {
    fc.assert(
      fc.property(value, sent => {
        const more = encode({ ...decode(codec.encode(sent)), zzzzzzzzzzzzzzzzzzz: 1 })
        expect(codeOf(() => codec.decode(more))).toBe('MESSAGE_INVALID')
      }),
      { numRuns: 20 }
    )
  })
})

/** CBOR of whatever cborg can encode of `value`; of its text otherwise. */
function encodeAny(value: unknown): Uint8Array {
  try {
    return encode(value)
  } catch {
    return encode(String(Object.prototype.toString.call(value)))
  }
}

describe('a message', () => {
  const key = { image: new Uint8Array(32), number: 1, sharing: new Uint8Array(8) }
  const put = { asked: 0, counter: 1 }
  const refuses: readonly { name: string; bytes: Uint8Array; protocol?: Protocol<never, never> }[] = [
    { name: 'a number in more bytes than it needs', bytes: Buffer.from('a1656c696d69741801', 'hex') },
    { name: 'a list of 2^32 items that are not there', bytes: Buffer.from('a164707573689affffffff', 'hex') },
    { name: 'a byte string of 2^40 bytes that are not there', bytes: Buffer.from('5b0000010000000000', 'hex') },
    { name: 'a map of indefinite length', bytes: Buffer.from('bfff', 'hex') },
    { name: 'ten thousand lists in each other', bytes: new Uint8Array(10_000).fill(0x81) },
    { name: 'a tag', bytes: Buffer.from('c0a0', 'hex') },
    { name: 'nothing', bytes: new Uint8Array() }
  ]
  for (const { name, bytes } of refuses) {
    it(`with ${name} is MESSAGE_INVALID in every protocol`, () => {
      for (const { codec } of cases) expect(codeOf(() => codec.decode(bytes))).toBe('MESSAGE_INVALID')
    })
  }
  it('is refused when a field is one byte short, one too long, or zero shadows or 256 are named', () => {
    const wrong = [
      { ...key, image: new Uint8Array(31), ...put, shadow: new Uint8Array(1) },
      { ...key, sharing: new Uint8Array(9), ...put, shadow: new Uint8Array(1) },
      { ...key, number: 0, ...put, shadow: new Uint8Array(1) },
      { ...key, number: 256, ...put, shadow: new Uint8Array(1) },
      { ...key, number: 1.5, ...put, shadow: new Uint8Array(1) },
      { ...key, ...put, shadow: new Uint8Array(0) }
    ]
    for (const value of wrong) expect(codeOf(() => putShadow.request.decode(encode(value)))).toBe('MESSAGE_INVALID')
    expect(putShadow.request.decode(encode({ ...key, ...put, shadow: new Uint8Array(1) })).number).toBe(1)
  })
  it('is refused with a byte order mark before a field name: it would be another form of the same message', () => {
    const bytes = Buffer.from(encode({ ...key, ...put, shadow: new Uint8Array(1) })).toString('hex')
    const marked = bytes.replace('65696d616765', '68efbbbf696d616765')
    expect(codeOf(() => putShadow.request.decode(Buffer.from(bytes, 'hex')))).toBe('no error')
    expect(codeOf(() => putShadow.request.decode(Buffer.from(marked, 'hex')))).toBe('MESSAGE_INVALID')
  })
  it('is not written when it would not be read', () => {
    const query = { code: new Uint8Array(8), model: 'ab'.repeat(32), view: 'cd'.repeat(32), bits: 64, k: 10 }
    expect(codeOf(() => searchImages.request.encode(query))).toBe('no error')
    for (const wrong of [{ k: 0 }, { bits: 72 }, { model: 'AB' }, { code: new Uint8Array(33) }]) {
      expect(codeOf(() => searchImages.request.encode({ ...query, ...wrong }))).toBe('MESSAGE_INVALID')
    }
  })
  it('asks for 1 to 1000 images with a code of its length', () => {
    const query = { code: new Uint8Array(8), model: 'ab'.repeat(32), view: 'cd'.repeat(32), bits: 64, k: 1000 }
    expect(searchImages.request.decode(encode(query)).k).toBe(1000)
    for (const wrong of [
      { ...query, k: 1001 },
      { ...query, k: 0 },
      { ...query, bits: 72 },
      { ...query, model: 'AB' }
    ]) {
      expect(codeOf(() => searchImages.request.decode(encode(wrong)))).toBe('MESSAGE_INVALID')
    }
  })
  it('of syncRecords is a push or a pull, not both', () => {
    expect(syncRecords.request.decode(encode({ push: [] }))).toEqual({ push: [] })
    expect(codeOf(() => syncRecords.request.decode(encode({ push: [], after: 0, limit: 1 })))).toBe('MESSAGE_INVALID')
  })
  it('in parts is the same bytes as in one, from 15 KiB to 1 MiB, and does not copy the large ones', () => {
    const named = putShadow.request.decode(encode({ ...key, ...put, shadow: new Uint8Array(1) }))
    for (const size of [15 << 10, 16 << 10, 65_535, 65_536, 1 << 20]) {
      const shadow = new Uint8Array(size).fill(7)
      const parts = partsOf(putShadow.request, { ...named, shadow })
      expect(Buffer.concat(parts).equals(putShadow.request.encode({ ...named, shadow }))).toBe(true)
      expect(parts.includes(shadow)).toBe(size >= 16 << 10)
    }
  })
  it('views a shadow in place: decoding 4 MiB copies nothing', () => {
    const bytes = putShadow.request.encode({
      ...(putShadow.request.decode(encode({ ...key, ...put, shadow: new Uint8Array(1) })) as object),
      shadow: new Uint8Array(4 << 20)
    } as never)
    expect(putShadow.request.decode(bytes).shadow.buffer).toBe(bytes.buffer)
  })
})

describe('protocol records', () => {
  it('have ids of one form, no two the same, and every limit', () => {
    const ids = ALL_MESSAGES.map(({ protocol }) => protocol.id)
    expect(new Set(ids).size).toBe(20)
    for (const { protocol } of ALL_MESSAGES) {
      expect(protocol.id).toMatch(/^\/sfmedir\/[a-z]+-?[a-z]+\/[12]\.0\.0$/)
      expect(protocol.callers.length).toBeGreaterThan(0)
      for (const limit of [
        protocol.maxRequestBytes,
        protocol.maxAnswerBytes,
        protocol.timeoutMs,
        protocol.ratePerSecond
      ])
        expect(limit).toBeGreaterThan(0)
    }
  })
})
