import { readdirSync } from 'node:fs'
import type { Invariant } from './invariant.ts'

const OTHERS = /^(invariant|load-invariants)\./

let loading: Promise<ReadonlyMap<string, Invariant>> | undefined

/** Every invariant of this folder by its file's name. Adding one is adding a file. */
export function loadInvariants(): Promise<ReadonlyMap<string, Invariant>> {
  loading ??= readInvariants()
  return loading
}

async function readInvariants(): Promise<ReadonlyMap<string, Invariant>> {
  const files = readdirSync(import.meta.dirname)
    .filter(file => /^[a-z-]+\.(ts|js)$/.test(file) && !OTHERS.test(file))
    .sort()
  const invariants = new Map<string, Invariant>()
  for (const file of files) {
    const { invariant } = (await import(/* @vite-ignore */ `./${file}`)) as { invariant: Invariant } // what every file here exports
    invariants.set(file.replace(/\.[a-z]+$/, ''), invariant)
  }
  return invariants
}
