import { dirname, join, normalize } from 'node:path'
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast'
import {
  isCallExpression,
  isExportDeclaration,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isStringLiteral,
  isTemplateExpression
} from 'typescript/unstable/ast/is'
import { parseFiles, walk } from '../sources/parse.ts'
import { sourceFiles } from '../sources/sources.ts'

/** One file importing another, paths from the project's folder. */
export interface Import {
  readonly file: string
  readonly target: string
}

/**
 * The relative imports of a source: `import`, `export … from`, `import()`, types, and `new URL('…', import.meta.url)`. Of
 * a template only what stands before its first `${` is known.
 */
function importsOf(source: SourceFile): string[] {
  const found: string[] = []
  for (const node of walk(source)) {
    const path = textOf(specifierOf(node))
    if (path?.startsWith('.')) found.push(path)
  }
  return found
}

/** Every relative import between the sources of a project. */
export async function readImports(root: string): Promise<Import[]> {
  const sources = await parseFiles(root, sourceFiles(root))
  return [...sources].flatMap(([file, source]) =>
    importsOf(source).map(path => ({ file, target: normalize(join(dirname(file), path)) }))
  )
}

function specifierOf(node: Node): Node | undefined {
  if (isImportDeclaration(node) || isExportDeclaration(node)) return node.moduleSpecifier
  if (isImportTypeNode(node)) return isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
  if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) return node.arguments[0]
  if (
    isNewExpression(node) &&
    node.expression.getText() === 'URL' &&
    node.arguments?.[1]?.getText() === 'import.meta.url'
  ) {
    return node.arguments[0]
  }
  return undefined
}

function textOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined
  if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return node.text
  return isTemplateExpression(node) ? node.head.text : undefined
}
