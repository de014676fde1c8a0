// The packed package as a new user has it: installed from its tarball into an empty prefix by plain npm, then the demo and a real
// network of six peers, typed as README and docs/operations.md have it: stored, read, all restarted, a master brought back from its backup, a
// slave's disk replaced. Needs the npm registry. node test/install/try-package.ts FOLDER-OF-TARBALLS
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { deepEqual, equal, match, ok } from 'node:assert/strict'

const [tarballs = '.cache/packages'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'sfmedir-install-'))
const running = new Set<ChildProcess>()

/** Install a tarball alone; the installed command, and what it weighs in MB. */
function install(name: string): { command: string; megabytes: number } {
  const [tarball] = globSync(join(tarballs, `${name}-[0-9]*.tgz`))
  ok(tarball, `${tarballs} holds no ${name}`)
  const prefix = join(folder, name)
  execFileSync('npm', ['install', '--silent', '--global', '--prefix', prefix, join(process.cwd(), tarball)], {
    stdio: ['ignore', 'ignore', 'inherit']
  })
  const megabytes = Number.parseInt(execFileSync('du', ['-sm', prefix], { encoding: 'utf8' }), 10)
  return { command: join(prefix, 'bin/sfmedir'), megabytes }
}

/** A peer's folder, and how its verbs are called there. */
function machine(command: string, name: string) {
  const home = join(folder, 'machines', name)
  mkdirSync(home, { recursive: true })
  const type = (...words: string[]): string => {
    const [env, stdio] = [{ ...process.env, CI: undefined }, ['ignore', 'pipe', 'inherit'] as const]
    return execFileSync(command, words, { cwd: home, env, stdio: [...stdio], encoding: 'utf8', timeout: 180_000 })
  }
  /** `sfmedir run`, until it says where it listens. */
  const run = async (): Promise<Running> => {
    const child = spawn(command, ['run', '--json', '--log', 'error'], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'inherit']
    })
    running.add(child)
    const [line] = await once(createInterface({ input: child.stdout }), 'line')
    const end = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> => {
      const gone = once(child, 'exit')
      child.kill(signal)
      const [code] = await gone
      running.delete(child)
      return code
    }
    return { address: JSON.parse(line).addresses[0], end }
  }
  return { home, type, run }
}

interface Running {
  readonly address: string
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  ok(typeof address === 'object' && address !== null)
  server.close()
  await once(server, 'close')
  return address.port
}

async function tryNetwork(full: string, peer: string): Promise<void> {
  const office = machine(full, 'office')
  office.type('keys', 'create', '--out', 'keys')
  const keysOf = (name: string) => readFileSync(join(office.home, 'keys', name))
  const roles = {
    master: 'master',
    'master-2': 'master',
    'slave-1': 'slave',
    'slave-2': 'slave',
    'slave-3': 'slave',
    clinic: 'owner,user'
  }
  const machines = Object.entries(roles).map(([name, role]) => ({
    name,
    role,
    ...machine(role === 'owner,user' ? full : peer, name)
  }))
  const roster = []
  for (const { name, role, home, type } of machines) {
    const key = { master: 'master.keys', 'owner,user': 'owner.keys' }[role]
    if (key !== undefined) writeFileSync(join(home, key), keysOf(key), { mode: 0o600 })
    const listen = role === 'owner,user' ? [] : ['--listen', `/ip4/127.0.0.1/tcp/${await freePort()}`]
    const printed = type(
      'init',
      '--roles',
      role,
      '--site',
      name,
      ...(key ? ['--keys', key] : []),
      ...listen,
      '--data',
      './data'
    )
    roster.push(printed.slice(printed.indexOf('- peer:')))
  }
  for (const { home } of machines) writeFileSync(join(home, 'roster.yaml'), roster.join(''))
  const [master, , slave] = machines
  const others = machines.slice(1)
  const clinic = machines[machines.length - 1]
  const first = await master.run()
  for (const { home } of others) {
    const file = join(home, 'sfmedir.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('bootstrap: []', `bootstrap: [${first.address}]`))
  }
  const started = await Promise.all(others.filter(each => each !== clinic).map(each => each.run()))
  await tryVerbs(clinic)
  for (const peer of [first, ...started]) equal(await peer.end(), 0, 'SIGTERM ends a peer well')

  // The machines come up again, one after the other, the first master last: nobody waits for it in vain.
  const serving = machines.filter(each => each !== clinic).toReversed()
  const again = new Map<string, Running>()
  for (const each of serving) again.set(each.name, await each.run())
  await untilStatus(clinic, /3 images: 3 healthy/)
  tryFetch(clinic, 'after-restart')
  console.log('everything restarted: healthy')

  master.type('backup', 'backup')
  await again.get(master.name)?.end('SIGKILL')
  rmSync(join(master.home, 'data'), { recursive: true })
  match(master.type('restore', 'backup'), /records/)
  again.set(master.name, await master.run())
  tryFetch(clinic, 'after-restore')
  console.log('a master came back from its backup')

  await again.get(slave.name)?.end('SIGKILL')
  rmSync(join(slave.home, 'data/shadows'), { recursive: true })
  again.set(slave.name, await slave.run())
  tryFetch(clinic, 'after-replacing')
  console.log("a slave's disk was replaced: everything is read")
  for (const peer of again.values()) equal(await peer.end(), 0, 'SIGTERM ends a peer well')
}

/** Ask for the status until it says so, for a minute at most. */
async function untilStatus(clinic: ReturnType<typeof machine>, expected: RegExp): Promise<void> {
  for (const end = performance.now() + 60_000; ; await setTimeout(500)) {
    const said = clinic.type('status')
    if (expected.test(said)) return
    ok(performance.now() < end, `status never said ${expected}, but ${said}`)
  }
}

/** Fetch all by name into a folder: what comes back is what was stored. */
function tryFetch(clinic: ReturnType<typeof machine>, folder: string): void {
  clinic.type('fetch', '--name', '*.png', '--out', folder)
  const names = globSync('*', { cwd: join(clinic.home, 'images') })
  deepEqual(globSync('*', { cwd: join(clinic.home, folder) }).toSorted(), names.toSorted())
  for (const name of names) {
    deepEqual(readFileSync(join(clinic.home, folder, name)), readFileSync(join(clinic.home, 'images', name)))
  }
}

/** Store, list, search, fetch, show; what comes back is what was stored. */
async function tryVerbs(clinic: ReturnType<typeof machine>): Promise<void> {
  const { default: sharp } = await import('sharp')
  const images = join(clinic.home, 'images')
  mkdirSync(images)
  for (const [at, tone] of [40, 110, 180].entries()) {
    const svg = `<svg width="128" height="128"><rect width="128" height="128"/><ellipse cx="64" cy="64" rx="${30 + 8 * at}" ry="50" fill="rgb(${tone},${tone},${tone})"/></svg>`
    await sharp(Buffer.from(svg))
      .png()
      .toFile(join(images, `head-${at}.png`))
  }
  match(clinic.type('store', 'images'), /3/)
  match(clinic.type('store', 'images'), /already/)
  const listed = clinic
    .type('list', '--json')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  equal(listed.length, 3)
  const [found] = clinic
    .type('search', 'images/head-1.png', '--k', '1', '--json')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  clinic.type('fetch', found.id, '--out', 'found')
  const [name] = globSync('*', { cwd: join(clinic.home, 'found') })
  deepEqual(readFileSync(join(clinic.home, 'found', name)), readFileSync(join(images, name)))
  match(clinic.type('status'), /3 images: 3 healthy/)
}

try {
  chmodSync(folder, 0o700)
  const full = install('sfmedir')
  const peer = install('sfmedir-peer')
  console.log(`installed: ${full.megabytes} MB for every role, ${peer.megabytes} MB for masters and slaves`)
  const demo = JSON.parse(
    execFileSync(full.command, ['demo', '--json'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit']
    })
  )
  ok(
    demo.rounds.every(
      ({ retrieved }: { retrieved: { identical: boolean }[] }) =>
        retrieved.length > 0 && retrieved.every(each => each.identical)
    )
  )
  console.log('the demo: every retrieved image is identical')
  await tryNetwork(full.command, peer.command)
  console.log('a network of six peers: stored, listed, searched, fetched, restarted, restored, ended')
} finally {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
