import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stringify } from 'yaml'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemRandom } from '../../base/random.ts'
import type { PeerId } from '../../base/ids.ts'
import { loadIdentity } from '../../node/peers/identity.ts'

const MAIN = join(import.meta.dirname, '../../cli/entry.ts')

describe.skipIf(process.platform === 'win32')('sfmedir run', () => {
  let folder: string
  let self: PeerId
  let child: ChildProcess & { stderr: NodeJS.ReadableStream }
  let facts: AsyncIterator<string>

  const writeRoster = (...peers: PeerId[]): void =>
    writeFileSync(join(folder, 'roster.yaml'), stringify(peers.map(peer => ({ peer, site: 'here', roles: ['slave'] }))))

  /** Read on until a fact with this name: its fields. */
  const fact = async (name: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const { value, done } = await facts.next()
      if (done) throw new Error(`the process never said ${name}`)
      const said = JSON.parse(value)
      if (said.msg === name) return said
    }
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sfmedir-run-'))
    self = (await loadIdentity(join(folder, 'data'), systemRandom)).peer
    writeRoster(self)
    const listen = ['/ip4/127.0.0.1/tcp/0']
    const config = { data: './data', roles: ['slave'], listen, roster: './roster.yaml', metrics: '127.0.0.1:0' }
    writeFileSync(join(folder, 'sfmedir.yaml'), stringify(config))
    child = spawn(process.execPath, [MAIN, 'run', '--config', join(folder, 'sfmedir.yaml')], {
      stdio: ['ignore', 'ignore', 'pipe']
    })
    facts = createInterface({ input: child.stderr })[Symbol.asyncIterator]()
  })

  afterEach(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  it('says at info level that it starts, where it listens, and that it stops; SIGTERM is exit 0', async () => {
    expect(await fact('starting')).toMatchObject({ roles: 'slave', site: 'here' })
    expect(await fact('started')).toMatchObject({ peer: self, addresses: expect.stringMatching(/^\/ip4\/127/) })
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await fact('stopping')).toMatchObject({ signal: 'SIGTERM' })
    await fact('stopped')
    expect(await exit).toEqual([0, null])
  })

  it('SIGHUP reads roster and level again; one without this peer changes nothing, and it goes on', async () => {
    await fact('started')
    const other = (await loadIdentity(join(folder, 'other'), systemRandom)).peer
    writeRoster(other)
    child.kill('SIGHUP')
    expect(await fact('configuration not read again')).toMatchObject({ reason: expect.stringContaining(self) })
    writeRoster(self, other)
    child.kill('SIGHUP')
    expect(await fact('configuration read again')).toMatchObject({ members: 2 })
    expect(child.exitCode).toBeNull()
  })

  it('serves its figures; is ready while it is alone in the roster, and not once it should reach another', async () => {
    const { url } = await fact('metrics served')
    await fact('started')
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/^sfmedir_shadows 0$/m)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    writeRoster(self, (await loadIdentity(join(folder, 'other'), systemRandom)).peer)
    child.kill('SIGHUP')
    await fact('configuration read again')
    const { status } = await fetch(`${url}/readyz`)
    expect(status).toBe(503)
  })
})
