import { join } from 'node:path'
import { type Random, randomBelow } from '../../../base/random.ts'
import type { LevelLog } from './level-log.ts'

/** A file: what was written to it, and up to where that is on stable storage. */
export interface File {
  readonly kind: 'file'
  readonly versions: { readonly at: number; readonly bytes: Uint8Array }[]
  readonly syncs: { readonly at: number; readonly version: number }[]
}

/** A folder as programs see it, and as the disk had it when it was last started. */
export interface Folder {
  readonly kind: 'folder'
  readonly names: Map<string, File | Folder>
  readonly atStart: ReadonlyMap<string, File | Folder>
  /** The Level database that lies here. */
  level?: LevelLog
}

/** A change of names in one folder, kept or lost as one. */
interface NameChange {
  readonly at: number
  readonly folder: Folder
  readonly names: readonly { readonly name: string; readonly node: File | Folder | undefined }[]
  /** Of a rename between folders: its other end, without which this one is not kept. */
  readonly needs: NameChange | undefined
  durableAt: number
}

/** One operation that changed something, in order. */
export interface Change {
  readonly at: number
  readonly what: 'make' | 'write' | 'sync' | 'rename' | 'remove'
  readonly path: string
  /** Of a rename: the new path. */
  readonly to?: string
}

/**
 * A disk with a page cache, whose power can be cut after any operation of its history: what was not synced is then kept,
 * lost or (a file's bytes) torn, as a seed decides. Names are kept in any combination, but changes of one name in their
 * order; a rename within a folder is whole or not at all, one between folders may leave the file in both, never in none; a
 * file's bytes and its name are synced apart, as POSIX allows. Closing syncs nothing.
 */
export class ForgetfulDisk {
  readonly root: Folder
  /** Every change so far. */
  readonly changes: Change[] = []
  readonly #nameChanges: NameChange[] = []
  /** Runs before each operation and lets others in; a sync tells how deep in the tree it is. */
  readonly pause: (syncDepth?: number) => Promise<void>

  constructor(init: { root?: Folder; pause?: ForgetfulDisk['pause'] } = {}) {
    this.root = init.root ?? newFolder()
    this.pause = init.pause ?? (async () => undefined)
  }

  /** How many operations changed something. */
  get time(): number {
    return this.changes.length
  }

  /** What is at a path now: '' or '/a/b'. @throws Error `ENOENT`, `ENOTDIR` */
  find(path: string): File | Folder {
    let node: File | Folder = this.root
    for (let from = 1; from <= path.length; ) {
      if (node.kind !== 'folder') throw systemError('ENOTDIR')
      const slash = path.indexOf('/', from)
      const end = slash === -1 ? path.length : slash
      const next = node.names.get(path.slice(from, end))
      if (next === undefined) throw systemError('ENOENT')
      node = next
      from = end + 1
    }
    return node
  }

  /** The folder at a path. @throws Error `ENOENT`, `ENOTDIR` */
  folder(path: string): Folder {
    const found = this.find(path)
    if (found.kind !== 'folder') throw systemError('ENOTDIR')
    return found
  }

  /** The folder that a path lies in, and its name there. @throws Error `ENOENT`, `ENOTDIR` */
  within(path: string): { folder: Folder; name: string } {
    const slash = path.lastIndexOf('/')
    return { folder: this.folder(path.slice(0, slash)), name: path.slice(slash + 1) }
  }

  /** Give a name to a node, or take it away. */
  name(change: Omit<Change, 'at'>, node: File | Folder | undefined): void {
    const { folder, name } = this.within(change.path)
    this.#change(folder, { at: this.note(change), names: [{ name, node }] })
  }

  /** Give a node another name, in the place of what has it. */
  rename(path: string, to: string): void {
    const [from, target] = [this.within(path), this.within(to)]
    const node = this.find(path)
    const at = this.note({ what: 'rename', path, to })
    const [gone, come] = [
      { name: from.name, node: undefined },
      { name: target.name, node }
    ]
    if (from.folder === target.folder) this.#change(from.folder, { at, names: [gone, come] })
    else this.#change(from.folder, { at, names: [gone], needs: this.#change(target.folder, { at, names: [come] }) })
  }

  #change(
    folder: Folder,
    { at, names, needs }: Omit<NameChange, 'folder' | 'needs' | 'durableAt'> & { needs?: NameChange }
  ): NameChange {
    for (const { name, node } of names) setName(folder.names, name, node)
    const change: NameChange = { at, folder, names, needs, durableAt: Number.POSITIVE_INFINITY }
    this.#nameChanges.push(change)
    return change
  }

  /** Put a file's bytes, or a folder's names, on stable storage. */
  sync(path: string, node: File | Folder): void {
    const at = this.note({ what: 'sync', path })
    if (node.kind === 'file') node.syncs.push({ at, version: node.versions.length - 1 })
    else {
      for (const change of this.#nameChanges.filter(({ folder }) => folder === node)) {
        change.durableAt = Math.min(change.durableAt, at)
      }
    }
  }

  /** Note a change; gives its time. */
  note(change: Omit<Change, 'at'>): number {
    const at = this.changes.length + 1
    this.changes.push({ at, ...change })
    return at
  }

  /** What a new start finds when the power was cut after the operation of a time. */
  cut(time: number, random: Random, pause?: ForgetfulDisk['pause']): ForgetfulDisk {
    const names = new Map<Folder, Map<string, File | Folder>>()
    const namesOf = (folder: Folder): Map<string, File | Folder> => {
      const found = names.get(folder) ?? new Map(folder.atStart)
      names.set(folder, found)
      return found
    }
    for (const { folder, names: changed } of this.#kept(time, random)) {
      for (const { name, node } of changed) setName(namesOf(folder), name, node)
    }
    const copies = new Map<File | Folder, File | Folder>()
    const copy = (node: File | Folder): File | Folder => {
      const made =
        copies.get(node) ?? (node.kind === 'file' ? newFile(bytesAfter(node, time, random)) : copyFolder(node))
      copies.set(node, made)
      return made
    }
    const copyFolder = (folder: Folder): Folder =>
      newFolder(
        new Map([...namesOf(folder)].map(([name, node]) => [name, copy(node)])),
        folder.level?.cut(time, random)
      )
    return new ForgetfulDisk({ root: copyFolder(this.root), pause })
  }

  /** The changes of names that are kept when the power is cut at a time, in order. */
  #kept(time: number, random: Random): NameChange[] {
    const made = this.#nameChanges.filter(({ at }) => at <= time)
    const kept = new Set(made.filter(({ durableAt }) => durableAt <= time || randomBelow(random, 2) === 0))
    for (const change of made) {
      const { needs } = change
      if (needs === undefined || kept.has(needs) || !kept.has(change)) continue
      if (change.durableAt <= time) kept.add(needs)
      else kept.delete(change)
    }
    return made.filter(change => kept.has(change))
  }
}

function setName(names: Map<string, File | Folder>, name: string, node: File | Folder | undefined): void {
  if (node === undefined) names.delete(name)
  else names.set(name, node)
}

/** A file that holds these bytes durably. */
export function newFile(bytes: Uint8Array): File {
  return { kind: 'file', versions: [{ at: 0, bytes }], syncs: [{ at: 0, version: 0 }] }
}

/** A folder that holds these names durably. */
export function newFolder(names: ReadonlyMap<string, File | Folder> = new Map(), level?: LevelLog): Folder {
  return { kind: 'folder', names: new Map(names), atStart: new Map(names), level }
}

const errors = new Map<string, Error>()

/** The error that the system gives with a code; one for all, for to a start most folders are missing. */
export function systemError(code: string): Error {
  const error = errors.get(code) ?? Object.assign(new Error(code), { code })
  errors.set(code, error)
  return error
}

/** Every path below a folder. */
export function pathsBelow(folder: Folder, path = '/'): string[] {
  return [...folder.names].flatMap(([name, node]) =>
    node.kind === 'file' ? [join(path, name)] : [join(path, name), ...pathsBelow(node, join(path, name))]
  )
}

function bytesAfter({ versions, syncs }: File, time: number, random: Random): Uint8Array {
  const last = versions.findLastIndex(({ at }) => at <= time)
  const synced = syncs.findLast(({ at }) => at <= time)?.version ?? 0
  const kept = synced + randomBelow(random, last - synced + 1)
  const { bytes } = versions[kept]
  if (kept === synced || randomBelow(random, 2) === 0) return bytes
  // its length reached the disk, of its bytes a part
  const torn = new Uint8Array(bytes.length)
  torn.set(bytes.subarray(0, randomBelow(random, bytes.length + 1)))
  return torn
}
