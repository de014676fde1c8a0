// The container image as an operator has it: built from deploy/Containerfile by buildah, then a peer run from it, not root, on a root
// that cannot be written. No image is pulled: the base is Debian by mmdebstrap with this project's Node. Needs root, the npm registry
// and Debian's; what is missing of buildah and mmdebstrap is installed. node test/install/try-image.ts FOLDER-OF-TARBALLS
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { deepEqual, equal, match, ok } from 'node:assert/strict'

const [tarballs = '.cache/packages'] = process.argv.slice(2)
const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'sfmedir-image-'))
const USER = '10001'

/** Run a program; what it prints. */
function run(program: string, ...words: string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], timeout: 300_000 })
}

function buildah(...words: string[]): string {
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs']
  return run('buildah', ...store, ...words).trim()
}

/** Debian with Node and npm, as `node:24-bookworm-slim` has them. */
function buildBase(): void {
  const context = join(folder, 'base')
  mkdirSync(context)
  run(
    'mmdebstrap',
    '--quiet',
    '--variant=essential',
    '--include=ca-certificates,libstdc++6',
    'bookworm',
    join(context, 'debian.tar')
  )
  cpSync(join(ROOT, 'node_modules/node/bin/node'), join(context, 'node'))
  const npm = realpathSync(run('which', 'npm').trim()) // npm/bin/npm-cli.js
  cpSync(join(npm, '../..'), join(context, 'npm'), { recursive: true })
  const lines = [
    'FROM scratch',
    'ADD debian.tar /',
    'COPY node /usr/local/bin/node',
    'COPY npm /usr/local/lib/node_modules/npm',
    'RUN ["/bin/ln", "-s", "/usr/local/lib/node_modules/npm/bin/npm-cli.js", "/usr/local/bin/npm"]'
  ]
  writeFileSync(join(context, 'Containerfile'), `${lines.join('\n')}\n`)
  buildah('build', '--quiet', '--isolation', 'chroot', '--tag', 'localhost/node-base', context)
}

/** The image, with this machine's settings of npm; returns where its files are mounted, and its configuration. */
function buildImage(): { root: string; config: Record<string, unknown> } {
  const npmrc = join(folder, 'npmrc')
  const registry = run('npm', 'config', 'get', 'registry').trim()
  const authority = process.env.NODE_EXTRA_CA_CERTS ?? run('npm', 'config', 'get', 'cafile').trim()
  const hasAuthority = existsSync(authority)
  writeFileSync(npmrc, `registry=${registry}\n${hasAuthority ? 'cafile=/run/ca.pem\n' : ''}`)
  const secrets = ['--secret', `id=npmrc,src=${npmrc}`, ...(hasAuthority ? ['--secret', `id=ca,src=${authority}`] : [])]
  const how = ['--quiet', '--isolation', 'chroot', '--format', 'docker', '--build-arg', 'BASE=localhost/node-base']
  const file = join(ROOT, 'deploy/Containerfile')
  buildah('build', ...how, ...secrets, '--file', file, '--tag', 'localhost/sfmedir-peer', tarballs)
  const container = buildah('from', '--pull-never', 'localhost/sfmedir-peer')
  const { Docker } = JSON.parse(buildah('inspect', '--type', 'image', 'localhost/sfmedir-peer'))
  return { root: buildah('mount', container), config: Docker.config }
}

/** The words that run a program in the image as its user: its root read-only, but for /data. */
function inside(root: string, data: string, words: readonly string[]): string[] {
  const script =
    'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && mount --bind "$1" "$0/data" && shift && ' +
    `exec chroot --userspec=${USER}:${USER} "$0" /usr/bin/env -i HOME=/data PATH=/opt/sfmedir/bin:/usr/local/bin:/usr/bin:/bin "$@"`
  return ['--mount', '--propagation', 'private', '/bin/sh', '-c', script, root, data, ...words]
}

async function tryPeer(root: string, health: readonly string[]): Promise<void> {
  const data = join(folder, 'data')
  mkdirSync(data)
  run('chown', `${USER}:${USER}`, data)
  const type = (...words: string[]) => spawnSync('unshare', inside(root, data, words), { encoding: 'utf8' })
  const made = type(
    'sfmedir',
    'init',
    '--roles',
    'slave',
    '--site',
    'a',
    '--data',
    '/data/peer',
    '--listen',
    '/ip4/127.0.0.1/tcp/0',
    '--config',
    '/data/sfmedir.yaml'
  )
  equal(made.status, 0, made.stderr)
  writeFileSync(join(data, 'roster.yaml'), made.stdout.slice(made.stdout.indexOf('- peer:')))
  equal(type('node', '-e', "require('fs').writeFileSync('/opt/x', '')").status, 1, 'the root can be written')
  equal(
    type('node', '-e', 'process.exit(process.getuid())').status,
    Number(USER) % 256,
    'another user than the image says'
  )
  equal(type(...health).status, 1, 'healthy before it runs')
  const words = ['sfmedir', 'run', '--config', '/data/sfmedir.yaml', '--metrics', '127.0.0.1:9464']
  const peer = spawn('unshare', inside(root, data, words), { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    for (const end = performance.now() + 60_000; type(...health).status !== 0; await setTimeout(300)) {
      ok(peer.exitCode === null && performance.now() < end, 'the peer never became healthy')
    }
  } finally {
    peer.kill('SIGTERM')
  }
  ok(existsSync(join(data, 'peer/identity.key')))
}

try {
  for (const program of ['buildah', 'mmdebstrap']) {
    if (spawnSync('which', [program]).status !== 0)
      run('apt-get', 'install', '--yes', '--no-install-recommends', program)
  }
  buildBase()
  const { root, config } = buildImage()
  equal(config.User, `${USER}:${USER}`)
  deepEqual(Object.keys(config.Volumes as object), ['/data'])
  const [how, ...health] = (config.Healthcheck as { Test: string[] }).Test
  equal(how, 'CMD', 'a health check that needs a shell')
  match(readFileSync(join(root, 'etc/os-release'), 'utf8'), /bookworm/)
  await tryPeer(root, health)
  const megabytes = Number.parseInt(run('du', '-sm', join(root, 'opt/sfmedir')), 10)
  console.log(`an image with a peer of ${megabytes} MB: not root, root read-only, healthy once it runs`)
} finally {
  try {
    buildah('umount', '--all')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
