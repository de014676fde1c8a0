import { printable } from '../console/printable.ts'

const MAX_BYTES = 200 // most file systems take 255, and a number may be added
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i // names that Windows takes for devices

/**
 * A stored name as the name of one file: what stands after the last slash or backslash, nothing hidden, nothing that a
 * file system or a terminal takes for more than a name. `fallback` when nothing of it is left.
 */
export function safeName(stored: string, fallback: string): string {
  const last = stored.normalize('NFC').split(/[\\/]/).at(-1) ?? ''
  const plain = printable(last)
    .replaceAll(/[\u{fffd}<>:"|?*]/gu, '_')
    .replace(/^\.+/, '_')
    .replace(/[. ]+$/, '')
    .trim()
  const name = shortened(plain)
  if (name.replaceAll('_', '') === '') return fallback
  return RESERVED.test(name) ? `_${name}` : name
}

/** Gives every name once: the second `a.dcm` is `a (2).dcm`, whatever its case. */
export function uniqueNames(): (name: string) => string {
  const given = new Set<string>()
  return name => {
    const { stem, extension } = split(name)
    let free = name
    for (let number = 2; given.has(free.toLowerCase()); number++) free = `${stem} (${number})${extension}`
    given.add(free.toLowerCase())
    return free
  }
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name
  const { stem, extension } = split(name)
  const room = MAX_BYTES - Buffer.byteLength(extension)
  let kept = ''
  for (const char of stem) {
    if (Buffer.byteLength(kept + char) > room) break
    kept += char
  }
  return kept + extension
}

function split(name: string): { stem: string; extension: string } {
  const extension = /\.[\p{L}\p{N}]{1,16}$/u.exec(name)?.[0] ?? ''
  return { stem: name.slice(0, name.length - extension.length), extension }
}
