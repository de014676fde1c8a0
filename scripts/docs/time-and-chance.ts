import type { Node, SourceFile } from 'typescript/unstable/ast'
import {
  isIdentifier,
  isImportDeclaration,
  isNewExpression,
  isPropertyAccessExpression,
  isStringLiteral
} from 'typescript/unstable/ast/is'
import { lineOf, walk } from '../sources/parse.ts'

/** What takes time or chance by itself, and where. */
export interface Taken {
  readonly line: number
  readonly what: string
}

const TIMERS = ['setTimeout', 'setInterval'] // setImmediate only lets others go first
const MEMBERS = new Set([
  'Math.random',
  'Date.now',
  'performance.now',
  'process.hrtime',
  'AbortSignal.timeout',
  'crypto.getRandomValues',
  'crypto.randomUUID',
  ...TIMERS
])
/** What may not be taken from a module of Node, by the module's name. */
const FROM_MODULE = new Map([
  ['timers', [...TIMERS, 'scheduler']],
  ['crypto', ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID', 'webcrypto']],
  ['perf_hooks', ['performance']]
])

/** Every place where a source takes the time, a timer or a random number from the platform, called or handed on. */
export function takesTimeOrChance(source: SourceFile): Taken[] {
  return [...walk(source)].flatMap(node => {
    const what = taken(node)
    return what === undefined ? [] : [{ line: lineOf(source, node), what: `takes ${what} directly` }]
  })
}

function taken(node: Node): string | undefined {
  if (isNewExpression(node)) {
    const empty = node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0
    return empty ? 'new Date()' : undefined
  }
  if (isImportDeclaration(node)) return fromModule(node)
  if (isPropertyAccessExpression(node)) {
    const member = node
      .getText()
      .replace(/\s|\?/g, '')
      .replace(/^(?:globalThis|global|window)\./, '')
    return MEMBERS.has(member) ? member : undefined
  }
  return isIdentifier(node) && TIMERS.includes(node.text) && !isName(node) ? node.text : undefined
}

function fromModule(node: Node): string | undefined {
  if (!isImportDeclaration(node) || !isStringLiteral(node.moduleSpecifier)) return undefined
  const refused = FROM_MODULE.get(node.moduleSpecifier.text.replace(/^node:|\/promises$/g, ''))
  return node.importClause
    ?.getText()
    .match(/\w+/g)
    ?.find(word => refused?.includes(word))
}

/** Whether an identifier is only a name within something: `clock.setTimeout`, `setTimeout() {}`, `{ setTimeout: … }`. */
function isName(node: Node): boolean {
  const { name, propertyName } = node.parent as { name?: Node; propertyName?: Node } // members and imports have them
  return name === node || propertyName === node
}
