import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isNetError } from '../../../base/errors.ts'
import { Chance } from './chance.ts'
import { type Door, forgetMade } from './door.ts'
import { retained } from './memory.ts'

/** Inputs that were faults once, or that are kept for what they reach, a folder a door. */
const CORPUS = join(import.meta.dirname, '../corpus')

const HANG_MS = 100 // of this thread's own CPU time: other work on the machine does not count
const STUCK_MS = 10_000 // of any time
const GROWTH = 0.2 // of the heap before
const GROWTH_FLOOR = 8 * 2 ** 20

/** When a run ends. */
export interface RunInit {
  readonly seed: string
  readonly cases: number
  /** Ends it early, at `performance.now()`. */
  readonly until?: number
}

/** What an input did that no input may do. */
export interface Fault {
  readonly what: string
  readonly input: Uint8Array
}

/** What came of a door. */
export interface DoorResult {
  readonly door: string
  readonly cases: number
  readonly let: number
  readonly seconds: number
  readonly slowestMs: number
  /** Bytes that stay when all is done; 0 where they are too few cases to tell. */
  readonly keptBytes: number
  readonly faults: readonly Fault[]
}

const MOST_FAULTS = 5
const LEAST_CASES = 300 // however late it is: no door is passed by
const MEASURED_CASES = 5000 // below it, collecting the heap costs more than the cases

/** Put the corpus and then made inputs before a door. */
export async function runDoor(
  door: Door,
  { seed, cases, until = Number.POSITIVE_INFINITY }: RunInit
): Promise<DoorResult> {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0 // a stack costs more than most decoders
  await door.open?.()
  try {
    const faults: Fault[] = []
    const judge = async (input: Uint8Array): Promise<Outcome> => {
      const outcome = await enter(door, input)
      if (outcome.fault !== undefined) faults.push({ what: outcome.fault, input: Uint8Array.from(input) })
      return outcome
    }
    for (const { input } of corpusOf(door.name)) await judge(input)
    for (let at = 0; at < Math.min(200, cases); at++) await enter(door, door.make(new Chance(`${seed} warm`, at)))
    const measured = cases >= MEASURED_CASES
    const held = async (): Promise<number> => {
      if (!measured) return 0
      forgetMade()
      return retained()
    }
    const before = await held()
    const began = performance.now()
    let [done, entered, slowestMs] = [0, 0, 0]
    while (
      done < cases &&
      faults.length < MOST_FAULTS &&
      (done < LEAST_CASES || done % 64 !== 0 || performance.now() < until)
    ) {
      const outcome = await judge(door.make(new Chance(`${seed} ${door.name}`, done++)))
      if (outcome.well) entered++
      slowestMs = Math.max(slowestMs, outcome.ms)
    }
    const seconds = (performance.now() - began) / 1000
    const keptBytes = (await held()) - before
    if (keptBytes > Math.max(GROWTH_FLOOR, before * GROWTH)) {
      faults.push({ what: `${keptBytes} bytes stay after ${done} cases`, input: new Uint8Array(0) })
    }
    return { door: door.name, cases: done, let: entered, seconds, slowestMs, keptBytes, faults }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    await door.close?.()
  }
}

interface Outcome {
  readonly well: boolean
  readonly ms: number
  readonly fault?: string
}

async function enter(door: Door, input: Uint8Array): Promise<Outcome> {
  const first = await enterOnce(door, input)
  if (first.ms <= HANG_MS || first.fault !== undefined) return first
  // Other work on the machine, or the collector, may have come between: an input is slow that is slow each time.
  const again = [first, await enterOnce(door, input), await enterOnce(door, input)]
  const ms = Math.min(...again.map(each => each.ms))
  return ms > HANG_MS ? { well: false, ms, fault: `${ms.toFixed(0)} ms` } : { ...first, ms }
}

async function enterOnce(door: Door, input: Uint8Array): Promise<Outcome> {
  const began = process.threadCpuUsage()
  const wall = performance.now()
  const taken = (): number => {
    const { user, system } = process.threadCpuUsage(began)
    const waited = performance.now() - wall
    return waited > STUCK_MS ? waited : (user + system) / 1000
  }
  try {
    const work = door.enter(input)
    if (work !== undefined) await work
    return { well: true, ms: taken() }
  } catch (error) {
    const ms = taken()
    if (isNetError(error)) return { well: false, ms }
    return { well: false, ms, fault: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
}

/** The kept inputs of a door. */
export function corpusOf(door: string): { readonly name: string; readonly input: Uint8Array }[] {
  const folder = join(CORPUS, folderName(door))
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map(name => ({ name, input: readFileSync(join(folder, name)) }))
}

/** Keep an input of a door for every later run; returns its file. */
export function keepInput(door: string, input: Uint8Array): string {
  const folder = join(CORPUS, folderName(door))
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${createHash('sha256').update(input).digest('hex').slice(0, 12)}.bin`)
  writeFileSync(file, input)
  return file
}

/** A shorter input with the same fault, as far as leaving parts out can find it. */
export async function shorten(door: Door, { what, input }: Fault): Promise<Uint8Array> {
  let best = input
  for (let size = best.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= best.length; ) {
      const less = Uint8Array.from([...best.subarray(0, at), ...best.subarray(at + size)])
      if ((await enter(door, less)).fault === what) best = less
      else at += size
    }
  }
  return best
}

function folderName(door: string): string {
  return door.replaceAll(/[^a-z0-9]+/gi, '-')
}
