import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The project's folder. */
export const ROOT = join(import.meta.dirname, '../..')

/** Folders and what each may import. */
export type Grants = Readonly<Record<string, readonly string[]>>

/** What `layers.json` says, and in which of its folders a file lies. */
export interface Layers {
  readonly grants: Grants
  /** Folders that are entered from outside through one file only. */
  readonly doors: Readonly<Record<string, string>>
  homeOf(file: string): string | undefined
}

/** Read `layers.json`. */
export function readLayers(): Layers {
  const { folders, doors }: { folders: Grants; doors: Record<string, string> } = JSON.parse(
    readFileSync(join(ROOT, 'layers.json'), 'utf8')
  )
  const deepestFirst = Object.keys(folders).sort((a, b) => b.length - a.length)
  return { grants: folders, doors, homeOf: file => deepestFirst.find(folder => file.startsWith(`${folder}/`)) }
}
