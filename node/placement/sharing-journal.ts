import { appendFile, readFile } from 'node:fs/promises'
import { diskError } from '../../base/disk-error.ts'
import { systemCode } from '../../base/errors.ts'
import { imageId, peerId, sharingId } from '../../base/ids.ts'
import { writeWhole } from '../../base/write-whole.ts'
import type { Abort } from '../../indexing/proof.ts'

/** A sharing of which shadows may lie on slaves. */
export type BegunSharing = Pick<Abort, 'image' | 'sharing' | 'origin'>

/** A line of the journal that is still open. */
export interface OpenSharing extends BegunSharing {
  /** When it was begun, ms since 1970. */
  readonly time: number
}

/** Remembers over a kill which sharings a master had begun and not yet named in a record. */
export interface SharingJournal {
  /** What was begun and not ended when this master last stopped or was killed. Before all else. */
  load(): Promise<readonly OpenSharing[]>
  /** Shadows of a sharing are about to be put. @throws NetError `STORE_FULL`, `STORE_READ_ONLY` */
  begin(sharing: OpenSharing): Promise<void>
  /** A record names it. */
  end(sharing: BegunSharing): Promise<void>
}

const MOST_LINES = 10_000 // then the file is written anew with the open ones alone

/**
 * A journal in a file, a line for each beginning and end. Lines survive a kill; a power cut may lose the last ones: then
 * shadows of a store that failed in that moment are left, and none is dropped that should not be.
 */
export class FileSharingJournal implements SharingJournal {
  readonly #path: string
  readonly #open = new Map<string, string>()
  #lines = 0
  #last: Promise<void> = Promise.resolve()

  /** @param path in a folder that is there; best that of the index, so that both are lost together */
  constructor(path: string) {
    this.#path = path
  }

  async load(): Promise<readonly OpenSharing[]> {
    const lines = (await readIfThere(this.#path)).split('\n').slice(0, -1) // what a kill cut short ends without a newline
    for (const line of lines) {
      const [sign, image, sharing] = line.split(' ')
      if (sign === '+') this.#open.set(`${image} ${sharing}`, line)
      else this.#open.delete(`${image} ${sharing}`)
    }
    await this.#queue(() => this.#compact())
    return [...this.#open.values()].map(readLine).filter(each => each !== undefined)
  }

  begin({ image, sharing, origin, time }: OpenSharing): Promise<void> {
    const line = ['+', image, sharing, origin.asked, origin.counter, origin.master, time].join(' ')
    this.#open.set(`${image} ${sharing}`, line)
    return this.#append(line)
  }

  end({ image, sharing }: BegunSharing): Promise<void> {
    this.#open.delete(`${image} ${sharing}`)
    return this.#append(`- ${image} ${sharing}`)
  }

  #append(line: string): Promise<void> {
    return this.#queue(async () => {
      this.#lines++
      if (this.#lines > MOST_LINES + 2 * this.#open.size) await this.#compact()
      else await appendFile(this.#path, `${line}\n`, { mode: 0o600 })
    })
  }

  async #compact(): Promise<void> {
    const lines = [...this.#open.values()].map(line => `${line}\n`)
    await writeWhole(this.#path, lines.join(''), { overwrite: true, mode: 0o600 })
    this.#lines = lines.length
  }

  /** One change after the other. */
  #queue(work: () => Promise<void>): Promise<void> {
    const next = this.#last.then(work).catch(error => {
      throw diskError(error)
    })
    this.#last = next.catch(() => undefined) // its failure goes to who asked for it
    return next
  }
}

function readLine(line: string): OpenSharing | undefined {
  const [, image, sharing, asked, counter, master, time] = line.split(' ')
  try {
    const origin = { asked: Number(asked), counter: Number(counter), master: peerId(master) }
    return { image: imageId(image), sharing: sharingId(sharing), origin, time: Number(time) }
  } catch {
    return undefined // damaged: what it spoke of is left where it lies
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return ''
    throw diskError(error)
  }
}
