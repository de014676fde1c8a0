import type { Node, SourceFile } from 'typescript/unstable/ast'
import {
  isArrowFunction,
  isConstructorDeclaration,
  isFunctionDeclaration,
  isFunctionExpression,
  isGetAccessorDeclaration,
  isMethodDeclaration,
  isSetAccessorDeclaration
} from 'typescript/unstable/ast/is'
import { lineOf, parseFiles, walk } from '../sources/parse.ts'
import { sourceFiles } from '../sources/sources.ts'
import { bareExports } from './bare-exports.ts'
import { takesTimeOrChance } from './time-and-chance.ts'

const MAX_FILE = 250
const MAX_FUNCTION = 50
/** Rooms that may take time and chance where they stand: the one that makes the ports, and programs for ourselves. */
const MAY_TAKE = ['base', 'bench', 'scripts']

/**
 * Every place in a project's sources where a file has more than 250 lines, a function more than 50, an export no doc
 * comment (AssemblyScript's are described where they are wrapped), or where time or chance is taken past its port.
 */
export async function checkSource(root: string): Promise<string[]> {
  return [...(await parseFiles(root, sourceFiles(root)))].flatMap(([file, source]) => {
    const room = file.split('/')[0]
    const lines = source.text.trimEnd().split('\n').length
    return [
      ...(lines > MAX_FILE ? [`${file}: ${lines} lines, more than ${MAX_FILE}`] : []),
      ...longFunctions(source).map(
        ({ line, lines }) => `${file}:${line}: a function of ${lines} lines, more than ${MAX_FUNCTION}`
      ),
      ...(file.endsWith('.as.ts') ? [] : bareExports(source)).map(
        ({ line, name }) => `${file}:${line}: ${name} is exported without a doc comment`
      ),
      ...(MAY_TAKE.includes(room)
        ? []
        : takesTimeOrChance(source).map(({ line, what }) => `${file}:${line}: ${what}, not through Clock or Random`))
    ]
  })
}

function longFunctions(source: SourceFile): { line: number; lines: number }[] {
  return [...walk(source)].filter(isFunction).flatMap(node => {
    const line = lineOf(source, node)
    const lines = source.getLineAndCharacterOfPosition(node.end).line + 2 - line
    return lines > MAX_FUNCTION ? [{ line, lines }] : []
  })
}

function isFunction(node: Node): boolean {
  return [
    isArrowFunction,
    isConstructorDeclaration,
    isFunctionDeclaration,
    isFunctionExpression,
    isGetAccessorDeclaration,
    isMethodDeclaration,
    isSetAccessorDeclaration
  ].some(is => is(node))
}
