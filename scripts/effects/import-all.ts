// Imports the files named on the command line, from the folder named first, and prints as JSON what they did by being
// imported: compiled WebAssembly, set a timer, kept the process alive.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [root, ...files] = process.argv.slice(2)
const effects = new Set<string>()
watch(WebAssembly, ['Module', 'compile', 'instantiate'])
watch(globalThis, ['setTimeout', 'setInterval'])
for (const file of files) await import(pathToFileURL(join(root, file)).href)
for (let turn = 0; turn < 10 || (turn < 1000 && kept().length > 0); turn++) await new Promise(setImmediate)
for (const resource of kept()) effects.add(`${resource} keeps the process alive`)
process.send?.([...effects])
process.exit()

/** What keeps this process alive but its own pipes. */
function kept(): string[] {
  return process.getActiveResourcesInfo().filter(resource => !['PipeWrap', 'TTYWrap'].includes(resource))
}

/** Note every call of a function by a file of the root; what libraries do is theirs. */
function watch<Name extends string>(holder: Readonly<Record<Name, unknown>>, names: readonly Name[]): void {
  for (const name of names) {
    const real = holder[name] as () => void // a function, or a class that is called like one
    const noted = <Result>(result: Result): Result => {
      const frames = new Error().stack?.split('\n') ?? []
      const file = frames
        .map(frame => files.find(each => frame.includes(`${join(root, each)}:`)))
        .find(each => each !== undefined)
      if (file !== undefined) effects.add(`${file}: uses ${name} when it is imported`)
      return result
    }
    const value = new Proxy(real, {
      construct: (target, args) => noted(Reflect.construct(target, args)),
      apply: (target, self, args) => noted(Reflect.apply(target, self, args))
    })
    Object.defineProperty(holder, name, { value, configurable: true, writable: true })
  }
}
