import { stripTypeScriptTypes } from 'node:module'
import type { PlantedBug } from './planted-bug.ts'

/** A source with a bug in it. @throws Error when the bug's place is not there once, or the source does not parse then */
export function plantBug(source: string, { file, find, put }: Pick<PlantedBug, 'file' | 'find' | 'put'>): string {
  const places = source.split(find).length - 1
  if (places !== 1) throw new Error(`no longer applies: its text stands ${places} times in ${file}`)
  const planted = source.replace(find, () => put)
  if (planted === source) throw new Error('changes nothing')
  if (!file.endsWith('.ts')) return planted
  try {
    stripTypeScriptTypes(planted)
  } catch (cause) {
    throw new Error(`${file} does not parse with it: ${String(cause)}`, { cause })
  }
  return planted
}
