import { execFileSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'

/** Whether this process may mount a small file system; where it may not, the injected failures above still run. */
export function canMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && mountWorks()
}

function mountWorks(): boolean {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' }) // needs the same right as mount
    return true
  } catch {
    return false
  }
}

/** Run `work` with a small file system in memory mounted at `at`, which is made and then empty again. */
export async function withMount(at: string, options: string, work: (at: string) => Promise<void>): Promise<void> {
  await mkdir(at, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at])
  try {
    await work(at)
  } finally {
    execFileSync('umount', [at])
  }
}
