import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { silent } from '../../../base/log.ts'
import { systemRandom } from '../../../base/random.ts'
import { loadConfig } from '../../../cli/config/load-config.ts'
import * as configured from '../../../cli/config/open-configured.ts'
import { createProgram, runVerb } from '../../../cli/console/run-verb.ts'
import { register as registerFetch } from '../../../cli/verbs/fetch.ts'
import { register as registerKeys } from '../../../cli/verbs/keys.ts'
import type { User } from '../../../node/client/user.ts'
import { loadIdentity } from '../../../node/peers/identity.ts'

vi.mock('../../../cli/config/open-configured.ts', async original => {
  const real = await original<typeof configured>()
  return { ...real, withUser: vi.fn(real.withUser) }
})

const folder = mkdtempSync(join(tmpdir(), 'sfmedir-modes-'))
const id = 'a'.repeat(64)
const invalid = expect.objectContaining({ code: 'KEYS_INVALID', message: expect.stringContaining('chmod 600') })

async function run(...argv: string[]): Promise<number> {
  const program = createProgram()
  registerFetch(program)
  registerKeys(program)
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  return runVerb(program, ['node', 'sfmedir', ...argv])
}

afterEach(() => vi.restoreAllMocks())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('files with secrets', () => {
  it('fetched images get mode 0600, another with --mode, and are named by their id in the folder asked for', async () => {
    const describe = async () => ({ id, metadata: undefined, metadataError: 'MESSAGE_INVALID' })
    const user = { fetch: async () => Uint8Array.of(1, 2, 3), describe } as unknown as User // all that fetch uses of it
    vi.mocked(configured.withUser).mockImplementation((_, work) => work(user))
    for (const [flags, mode] of [
      [[], 0o600],
      [['--mode', '0644'], 0o644],
      [['--mode', '640'], 0o640]
    ] as const) {
      const out = mkdtempSync(join(folder, 'f'))
      expect(await run('fetch', id, '--out', out, ...flags)).toBe(0)
      expect(readdirSync(out)).toEqual([`${id}.bin`])
      expect(statSync(join(out, `${id}.bin`)).mode & 0o777).toBe(mode)
    }
    for (const wrong of ['888', '64', '01644', 'rw']) expect(await run('fetch', id, '--mode', wrong)).toBe(2)
  })

  it.skipIf(process.platform === 'win32')(
    'keys create writes key files that open; one that others may read does not',
    async () => {
      const out = mkdtempSync(join(folder, 'k'))
      expect(await run('keys', 'create', '--out', out)).toBe(0)
      const keys = join(out, 'owner.keys')
      const config = { ...loadConfig({ data: join(out, 'data'), roles: 'owner', keys }, {}), file: undefined }
      const open = async (): Promise<unknown> => configured.openConfigured(config, silent)
      await expect(open()).rejects.toMatchObject({ code: 'CONFIG_INVALID' }) // past the keys: it is in no roster
      chmodSync(keys, 0o644)
      await expect(open()).rejects.toEqual(invalid)
    }
  )

  it.skipIf(process.platform === 'win32')('an identity that others may read is refused', async () => {
    const data = join(folder, 'peer')
    const made = await loadIdentity(data, systemRandom)
    expect(await loadIdentity(data, systemRandom)).toEqual(made)
    chmodSync(join(data, 'identity.key'), 0o640)
    await expect(loadIdentity(data, systemRandom)).rejects.toEqual(invalid)
  })
})
