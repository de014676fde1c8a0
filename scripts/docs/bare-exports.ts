import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast'
import {
  isExportAssignment,
  isExportDeclaration,
  isNamedExports,
  isVariableStatement
} from 'typescript/unstable/ast/is'
import { lineOf } from '../sources/parse.ts'

/** One exported thing and the line it stands on. */
export interface BareExport {
  readonly line: number
  readonly name: string
}

/**
 * What a source exports without a doc comment: every `export` of a declaration, `export default`, and the names of an
 * `export { … }` list of the file's own. Of a function's overloads the first carries the comment. What is passed on
 * from another file is described there.
 */
export function bareExports(source: SourceFile): BareExport[] {
  const named = new Set(source.statements.flatMap(exportedByList))
  const seen = new Set<string>()
  return source.statements.flatMap(statement => {
    const names = namesOf(statement)
    if (!isExported(statement) && !names.some(name => named.has(name))) return []
    const first = names.some(name => !seen.has(name))
    for (const name of names) seen.add(name)
    return first && !hasDoc(source, statement) ? [{ line: lineOf(source, statement), name: names.join(', ') }] : []
  })
}

function isExported(statement: Node): boolean {
  const { modifiers } = statement as { modifiers?: readonly Node[] } // declarations have them
  return isExportAssignment(statement) || modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword) === true
}

function exportedByList(statement: Node): string[] {
  if (!isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) return []
  const { exportClause } = statement
  if (exportClause === undefined || !isNamedExports(exportClause)) return []
  return exportClause.elements.map(element => (element.propertyName ?? element.name).text)
}

function namesOf(statement: Node): string[] {
  if (isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText())
  const { name } = statement as { name?: Node } // declarations have one
  return [name?.getText() ?? 'default']
}

function hasDoc(source: SourceFile, statement: Node): boolean {
  const before = source.text.slice(statement.getFullStart(), statement.getStart(source)).trimEnd()
  return before.endsWith('*/') && before.lastIndexOf('/**') === before.lastIndexOf('/*')
}
