import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')

/** What a process came to. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Start `sfmedir` with these arguments; `node` are Node's own. */
export function startCli(args: readonly string[], node: readonly string[] = []): ChildProcessWithoutNullStreams {
  const env = { ...process.env, SFMEDIR_DEBUG: '' }
  return spawn(process.execPath, [...node, MAIN, ...args], { env })
}

/** Wait for the end of a process, with all it wrote. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}
