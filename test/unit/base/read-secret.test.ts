import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readSecret } from '../../../base/read-secret.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfmedir-secret-'))
const file = join(folder, 'some.keys')
writeFileSync(file, 'secret', { mode: 0o600 })

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('readSecret', () => {
  it('the text of a file that its owner alone may read; undefined without a file', () => {
    for (const mode of [0o400, 0o600, 0o700]) {
      chmodSync(file, mode)
      expect(readSecret(file)).toBe('secret')
    }
    expect(readSecret(join(folder, 'none'))).toBeUndefined()
  })

  it.skipIf(process.platform === 'win32')('KEYS_INVALID with how to mend it when group or others have access', () => {
    for (const mode of [0o644, 0o640, 0o604, 0o620, 0o602, 0o610]) {
      chmodSync(file, mode)
      const mend = new RegExp(`mode ${mode.toString(8)}.*chmod 600 ${file}$`)
      expect(() => readSecret(file)).toThrow(
        expect.objectContaining({ code: 'KEYS_INVALID', message: expect.stringMatching(mend) })
      )
    }
  })

  it.skipIf(process.platform === 'win32')('a credential of systemd may be read by a group, and by nobody else', () => {
    const refused = expect.objectContaining({ code: 'KEYS_INVALID' })
    try {
      process.env.CREDENTIALS_DIRECTORY = folder
      chmodSync(file, 0o440)
      expect(readSecret(file)).toBe('secret')
      chmodSync(file, 0o444)
      expect(() => readSecret(file)).toThrow(refused)
      process.env.CREDENTIALS_DIRECTORY = join(folder, 'other')
      chmodSync(file, 0o440)
      expect(() => readSecret(file)).toThrow(refused)
    } finally {
      delete process.env.CREDENTIALS_DIRECTORY
    }
  })

  it('FILE_UNREADABLE for a folder', () => {
    expect(() => readSecret(folder)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }))
  })
})
