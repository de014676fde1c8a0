import { readdirSync } from 'node:fs'
import { NetError } from '../../base/errors.ts'
import type { Fault } from './fault.ts'

const OTHERS = /^(fault|load-faults)\./

let loading: Promise<ReadonlyMap<string, Fault>> | undefined

/** Every fault of this folder by its verb, which is its file's name in camel case. Adding one is adding a file. */
export function loadFaults(): Promise<ReadonlyMap<string, Fault>> {
  loading ??= readFaults()
  return loading
}

/** The fault of a verb. @throws NetError `SCENARIO_INVALID` naming those there are */
export function faultNamed(faults: ReadonlyMap<string, Fault>, verb: string): Fault {
  const fault = faults.get(verb)
  if (fault !== undefined) return fault
  throw new NetError('SCENARIO_INVALID', `there is no fault ${verb}; there are ${[...faults.keys()].join(', ')}`)
}

async function readFaults(): Promise<ReadonlyMap<string, Fault>> {
  const files = readdirSync(import.meta.dirname)
    .filter(file => /^[a-z-]+\.(ts|js)$/.test(file) && !OTHERS.test(file))
    .sort()
  const faults = new Map<string, Fault>()
  for (const file of files) {
    const { fault } = (await import(/* @vite-ignore */ `./${file}`)) as { fault: Fault } // what every file here exports
    const verb = file.replace(/\.[a-z]+$/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    faults.set(verb, fault)
  }
  return faults
}
