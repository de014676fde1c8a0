import { open, readFile, rename, rm } from 'node:fs/promises'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { sha256 } from '../../base/bytes.ts'
import { NetError, systemCode } from '../../base/errors.ts'
import type { EpochRecord, TrainingState } from './training-run.ts'

const MAGIC = 'sfmedir training 1\n'
const DIGEST_BYTES = 32

interface Header {
  /** Digest of settings and data: a checkpoint continues only the run it came from. */
  readonly run: string
  readonly step: number
  readonly bestScore: number | null
  readonly bestEpoch: number
  readonly lossSum: number
  readonly history: readonly EpochRecord[]
  readonly length: number
}

/**
 * Write all of a run's state, so that going on from it gives the same bits as never having stopped. The file before it is
 * replaced only when the new one is whole on the disk.
 * @throws NetError `FILE_UNWRITABLE` (a full disk, say); the checkpoint before it stays
 */
export async function writeCheckpoint(path: string, run: string, state: TrainingState): Promise<void> {
  const header: Header = {
    run,
    step: state.step,
    bestScore: Number.isFinite(state.bestScore) ? state.bestScore : null,
    bestEpoch: state.bestEpoch,
    lossSum: state.lossSum,
    history: state.history,
    length: state.weights.length
  }
  const text = fromString(`${MAGIC}${JSON.stringify(header)}\n`)
  const vectors = vectorsOf(state).map(bytesOf)
  const body = concat([text, ...vectors])
  try {
    const file = await open(`${path}.part`, 'w')
    try {
      await file.writeFile(concat([body, sha256(body)]))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.part`, path)
  } catch (cause) {
    await rm(`${path}.part`, { force: true }) // half a file only takes room that the next one needs
    throw new NetError('FILE_UNWRITABLE', 'the checkpoint cannot be written; the one before it stays', { cause })
  }
}

/**
 * Read a run's state back into `state`; false when there is no checkpoint.
 * @throws NetError `CHECKPOINT_INVALID` (damaged, or of other settings or data)
 */
export async function readCheckpoint(path: string, run: string, state: TrainingState): Promise<boolean> {
  const bytes = await readIfThere(path)
  if (bytes === undefined) return false
  const body = bytes.subarray(0, bytes.length - DIGEST_BYTES)
  const end = bytes.indexOf('\n', MAGIC.length)
  if (!sha256(body).every((byte, at) => byte === bytes[body.length + at]) || end < 0) throw invalid('is damaged')
  if (bytes.subarray(0, MAGIC.length).toString() !== MAGIC) throw invalid('is not one of this version')
  const header: Header = JSON.parse(bytes.subarray(MAGIC.length, end).toString()) // whole: its digest was checked
  if (header.run !== run) throw invalid('belongs to a run with other settings or other images')
  if (header.length !== state.weights.length) throw invalid('belongs to another net')
  let from = end + 1
  for (const vector of vectorsOf(state)) {
    bytesOf(vector).set(bytes.subarray(from, from + vector.byteLength))
    from += vector.byteLength
  }
  state.step = header.step
  state.bestScore = header.bestScore ?? Number.NEGATIVE_INFINITY
  state.bestEpoch = header.bestEpoch
  state.lossSum = header.lossSum
  state.history.splice(0, state.history.length, ...header.history)
  return true
}

function vectorsOf({ weights, average, best, adam }: TrainingState): Float32Array[] {
  return [weights, average, best, adam.first, adam.second]
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined
    throw new NetError('CHECKPOINT_INVALID', 'the checkpoint cannot be read', { cause })
  }
}

function invalid(fault: string): NetError {
  return new NetError('CHECKPOINT_INVALID', `the checkpoint ${fault}; start anew without it`)
}
