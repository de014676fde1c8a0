import { globSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Codec, Shape } from '../../../codec/codec.ts'
import type { Protocol } from '../../../protocols/network.ts'
import { type Door, messageMaker } from '../engine/door.ts'
import type { Pool } from '../engine/grow.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** Every export of the modules that a pattern names. */
export async function exportsOf(
  pattern: string
): Promise<{ readonly file: string; readonly name: string; readonly value: unknown }[]> {
  const files = globSync(pattern, { cwd: ROOT })
    .filter(file => !file.endsWith('.as.ts'))
    .sort()
  const modules = await Promise.all(files.map(file => import(pathToFileURL(join(ROOT, file)).href)))
  return modules.flatMap((module, at) =>
    Object.entries(module).map(([name, value]) => ({ file: files[at], name, value }))
  )
}

/** Every protocol there is. */
export async function allProtocols(): Promise<Protocol<unknown, unknown>[]> {
  const found = (await exportsOf('protocols/*.ts')).map(({ value }) => value).filter(isProtocol)
  return [...new Map(found.map(protocol => [protocol.id, protocol])).values()]
}

function isProtocol(value: unknown): value is Protocol<unknown, unknown> {
  return (
    typeof value === 'object' && value !== null && 'request' in value && 'answer' in value && 'ratePerSecond' in value
  )
}

/** The shapes of a codec. @throws Error when it does not tell them: it could not be fuzzed */
export function shapesOf(name: string, { shapes }: Codec<unknown>): readonly Shape<unknown>[] {
  if (shapes === undefined || shapes.length === 0) throw new Error(`${name} tells no shape`)
  return shapes
}

/** What decodes encodes to the same bytes: one form for one value. */
function checkOneForm<T>({ decode, encode }: Pick<Codec<T>, 'decode' | 'encode'>, bytes: Uint8Array): void {
  const again = encode(decode(bytes))
  if (Buffer.compare(again, bytes) !== 0) throw new Error('read from bytes that it does not encode to')
}

/** A door for each request and each answer of every protocol. */
export async function messageDoors(pool?: () => Pool): Promise<Door[]> {
  return (await allProtocols()).flatMap(({ id, request, answer }) =>
    [['request', request] as const, ['answer', answer] as const].map(([which, codec]) => ({
      name: `${id.split('/')[2]} ${which}`,
      make: messageMaker(shapesOf(`${id} ${which}`, codec), pool),
      enter: (bytes: Uint8Array) => checkOneForm(codec, bytes)
    }))
  )
}
