import type { Chance } from './chance.ts'
import type { Door } from './door.ts'
import { spoilBytes } from './mutate.ts'

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  'x',
  '\u202e\u001b]52;c;x\u0007',
  '9'.repeat(400),
  [],
  {},
  [[]],
  { a: 1 }
]

/** Makes texts of JSON values: with a value in them changed, gone or added, or spoilt as bytes. */
export function jsonMaker(
  samples: readonly unknown[],
  write: (value: unknown) => string = JSON.stringify
): Door['make'] {
  const texts = samples.map(sample => Buffer.from(write(sample)))
  return chance => {
    const way = chance.below(20)
    if (way === 0) return chance.pick(texts)
    if (way < 7) return spoilBytes(chance.pick(texts), chance.pick(texts), chance)
    if (way === 7) return Buffer.from(chance.pick(['[', '{"a":']).repeat(chance.pick([10, 1000, 5000])))
    let value = structuredClone(chance.pick(samples))
    for (let times = chance.between(1, 3); times > 0; times--) value = spoilValue(value, chance)
    const text = write(value) ?? ''
    return way < 10 ? spoilBytes(Buffer.from(text), chance.pick(texts), chance) : Buffer.from(text)
  }
}

function spoilValue(value: unknown, chance: Chance): unknown {
  if (typeof value !== 'object' || value === null || chance.onceIn(8)) return chance.pick(ODD)
  if (Array.isArray(value)) {
    const at = chance.below(value.length + 1)
    const way = chance.below(4)
    if (way === 0) return value.toSpliced(at, 1)
    if (way === 1) return value.toSpliced(at, 0, chance.pick(ODD))
    if (way === 2 && value.length > 0) return [...value, ...value].slice(0, 2000)
    return value.length === 0
      ? chance.pick(ODD)
      : value.with(at % value.length, spoilValue(value[at % value.length], chance))
  }
  const entries = Object.entries(value)
  const at = chance.below(entries.length + 1)
  const way = chance.below(4)
  if (way === 0) return Object.fromEntries(entries.toSpliced(at, 1))
  if (way === 1) return { ...value, [chance.pick(['z', '__proto__', 'constructor', ''])]: chance.pick(ODD) }
  return Object.fromEntries(entries.map(([name, held], each) => [name, each === at ? spoilValue(held, chance) : held]))
}
