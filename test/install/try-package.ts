// The packed package as a new user has it: installed from its tarball into an empty prefix by plain npm, then the demo and a real
// network of five peers, typed as the README has it. Needs the npm registry. node test/install/try-package.ts FOLDER-OF-TARBALLS
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
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
  const run = async (): Promise<{ address: string; end: () => Promise<number | null> }> => {
    const child = spawn(command, ['run', '--json', '--log', 'error'], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'inherit']
    })
    running.add(child)
    const [line] = await once(createInterface({ input: child.stdout }), 'line')
    const end = async (): Promise<number | null> => {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      const [code] = await gone
      running.delete(child)
      return code
    }
    return { address: JSON.parse(line).addresses[0], end }
  }
  return { home, type, run }
}

async function tryNetwork(full: string, peer: string): Promise<void> {
  const office = machine(full, 'office')
  office.type('keys', 'create', '--out', 'keys')
  const keysOf = (name: string) => readFileSync(join(office.home, 'keys', name))
  const roles = { master: 'master', 'slave-1': 'slave', 'slave-2': 'slave', 'slave-3': 'slave', clinic: 'owner,user' }
  const machines = Object.entries(roles).map(([name, role]) => ({
    name,
    role,
    ...machine(role === 'owner,user' ? full : peer, name)
  }))
  const roster = machines.map(({ name, role, home, type }) => {
    const key = { master: 'master.keys', 'owner,user': 'owner.keys' }[role]
    if (key !== undefined) writeFileSync(join(home, key), keysOf(key), { mode: 0o600 })
    const listen = role === 'owner,user' ? [] : ['--listen', '/ip4/127.0.0.1/tcp/0']
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
    return printed.slice(printed.indexOf('- peer:'))
  })
  for (const { home } of machines) writeFileSync(join(home, 'roster.yaml'), roster.join(''))
  const [master, ...others] = machines
  const clinic = machines[machines.length - 1]
  const first = await master.run()
  for (const { home } of others) {
    const file = join(home, 'sfmedir.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('bootstrap: []', `bootstrap: [${first.address}]`))
  }
  const slaves = await Promise.all(others.filter(each => each !== clinic).map(each => each.run()))
  await tryVerbs(clinic)
  for (const peer of [first, ...slaves]) equal(await peer.end(), 0, 'SIGTERM ends a peer well')
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
  console.log('a network of five peers: stored, listed, searched, fetched, ended')
} finally {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}
