import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Folders and what each may import. */
type Grants = Readonly<Record<string, readonly string[]>>

/** What `layers.json` says. */
export interface Layers {
  readonly grants: Grants
  /** Folders that are entered from outside through one file only. */
  readonly doors: Readonly<Record<string, string>>
  /** The deepest folder with a line of its own in which a file lies. */
  homeOf(file: string): string | undefined
}

/** Read a project's `layers.json`. */
export function readLayers(root: string): Layers {
  const { folders, doors = {} }: { folders: Grants; doors?: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'layers.json'), 'utf8')
  )
  const deepestFirst = Object.keys(folders).sort((a, b) => b.length - a.length)
  return { grants: folders, doors, homeOf: file => deepestFirst.find(folder => isIn(file, folder)) }
}

/** Whether a path lies in a folder, or is that folder. */
export function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
