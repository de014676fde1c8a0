import { type Clock, systemClock } from '../../base/clock.ts'
import { isNetError } from '../../base/errors.ts'
import type { ImageId } from '../../base/ids.ts'
import type { StoredImage } from '../../node/client/stored-image.ts'
import type { Report } from '../console/report.ts'
import { EXIT } from '../console/run-verb.ts'
import { shownBytes } from '../console/shown-bytes.ts'

/** How much there is to do. */
interface Extent {
  readonly files: number
  /** Bytes of all whose size is known. */
  readonly bytes: number
}

/** Counts what became of the files, and says it. Nothing is passed over silently. */
export class StoreTally {
  readonly #report: Report
  readonly #extent: Extent
  readonly #clock: Clock
  readonly #beganAt: number
  readonly #counts = { stored: 0, known: 0, failed: 0, bytes: 0 }
  readonly #reasons = new Map<string, number>()
  readonly #skipped = { hidden: 0, noImage: 0 }
  #done = 0
  #bytesDone = 0

  constructor(report: Report, extent: Extent, clock: Clock = systemClock) {
    this.#report = report
    this.#extent = extent
    this.#clock = clock
    this.#beganAt = clock.monotonic()
  }

  stored(file: string, bytes: number, { id, space, total, holders }: StoredImage): void {
    const value = { file, id, bits: space.bits, total, holders }
    this.#report.result(value, `${id}  ${space.bits} bits  ${total} shadows on ${holders.length} slaves  ${file}`)
    this.#counts.stored++
    this.#counts.bytes += bytes
    this.#step(bytes)
  }

  /** A file whose bytes are stored already, as this image. */
  known(file: string, bytes: number, id: ImageId): void {
    this.#report.result({ file, id, known: true }, `${id}  known already  ${file}`)
    this.#counts.known++
    this.#step(bytes)
  }

  failed(file: string, error: Error, bytes = 0): void {
    const code = isNetError(error) ? error.code : 'INTERNAL'
    this.#report.warn(`sfmedir: ${code}: ${file}: ${error.message}`)
    this.#counts.failed++
    this.#reasons.set(code, (this.#reasons.get(code) ?? 0) + 1)
    this.#step(bytes)
  }

  /** Names that start with a dot. */
  hidden(count: number): void {
    this.#skipped.hidden += count
  }

  /** A file that is obviously no image. */
  noImage(bytes = 0): void {
    this.#skipped.noImage++
    this.#step(bytes)
  }

  /** Say what it came to; the exit code is 1 if anything failed. */
  close(): void {
    const { stored, known, failed, bytes } = this.#counts
    const seconds = Math.max(0.001, (this.#clock.monotonic() - this.#beganAt) / 1000)
    const { hidden, noImage } = this.#skipped
    const summary = { stored, known, failed, reasons: Object.fromEntries(this.#reasons), hidden, noImage, bytes }
    const reasons = [...this.#reasons].map(([code, count]) => `${count} ${code}`).join(', ')
    const parts = [
      `${stored} stored`,
      ...(known > 0 ? [`${known} known already`] : []),
      ...(failed > 0 ? [`${failed} failed (${reasons})`] : []),
      ...(hidden + noImage > 0 ? [`${hidden + noImage} skipped (${hidden} hidden, ${noImage} no images)`] : [])
    ]
    const rate = stored > 0 ? `; ${shownBytes(bytes)} in ${seconds.toFixed(1)} s, ${shownBytes(bytes / seconds)}/s` : ''
    this.#report.result({ summary: { ...summary, seconds } }, `${parts.join(', ')}${rate}`)
    if (failed > 0) process.exitCode = EXIT.failed
  }

  #step(bytes: number): void {
    this.#done++
    this.#bytesDone += bytes
    const elapsed = (this.#clock.monotonic() - this.#beganAt) / 1000
    const rate = this.#bytesDone / Math.max(0.001, elapsed)
    const left = Math.max(0, this.#extent.bytes - this.#bytesDone) / Math.max(1, rate)
    const soon =
      this.#done < this.#extent.files && elapsed > 1 ? `, ${shownBytes(rate)}/s, ${shownSeconds(left)} left` : ''
    this.#report.progress(`${this.#done} of ${this.#extent.files}${soon}`)
  }
}

function shownSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
