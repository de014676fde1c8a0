import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeName, uniqueNames } from '../../../cli/images/file-names.ts'

describe('safeName', () => {
  it.each([
    ['scan 01.dcm', 'scan 01.dcm'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\x\\scan.png', 'scan.png'],
    ['/', 'fallback'],
    ['..', 'fallback'],
    ['.', 'fallback'],
    ['', 'fallback'],
    ['...', 'fallback'],
    ['.bashrc', '_bashrc'],
    ['a\nb\u001b[2J\u202e.png', 'a_b_[2J_.png'],
    ['what?*<>|":.png', 'what_______.png'],
    ['CON.png', '_CON.png'],
    ['nul', '_nul'],
    ['end. . ', 'end'],
    ['a\0b', 'a_b'],
    ['Größe.dcm', 'Größe.dcm']
  ])('%j becomes %j', (stored, name) => {
    expect(safeName(stored, 'fallback')).toBe(name)
  })

  it('is never longer than 200 bytes and keeps the extension', () => {
    const name = safeName(`${'ä'.repeat(300)}.dcm`, 'fallback')
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200)
    expect(name).toMatch(/^ä+\.dcm$/)
  })

  it('of any text is one plain file name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), stored => {
        const name = safeName(stored, 'fallback')
        expect(name).not.toMatch(/[\\/\p{Cc}]|^\.|^$/u)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(201)
      })
    )
  })
})

describe('uniqueNames', () => {
  it('numbers what was given before, whatever its case', () => {
    const unique = uniqueNames()
    const names = ['a.dcm', 'A.dcm', 'a.dcm', 'b', 'a (2).dcm', 'b'].map(unique)
    expect(names).toEqual(['a.dcm', 'A (2).dcm', 'a (3).dcm', 'b', 'a (2) (2).dcm', 'b (2)'])
  })
})
