import { join } from 'node:path'
import type { Node, SourceFile } from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/async'

/** Parse files of a project with the TypeScript compiler, without resolving what they import; by the paths given. */
export async function parseFiles(root: string, files: readonly string[]): Promise<Map<string, SourceFile>> {
  const config = join(root, 'parse-only.tsconfig.json') // not on disk: handed to the compiler
  const text = JSON.stringify({
    compilerOptions: { noLib: true, noResolve: true, types: [], noEmit: true, allowImportingTsExtensions: true },
    files: files.map(file => join(root, file))
  })
  const is =
    <T>(value: T) =>
    (path: string) =>
      path === config ? value : undefined
  const api = new API({ fs: { readFile: is(text), fileExists: is(true) } })
  try {
    const project = (await api.updateSnapshot({ openProjects: [config] })).getProject(config)
    const parsed = new Map<string, SourceFile>()
    for (const file of files) {
      const source = await project?.program.getSourceFile(join(root, file))
      if (source === undefined) throw new Error(`${file} was not parsed`)
      parsed.set(file, source)
    }
    return parsed
  } finally {
    await api.close()
  }
}

/** A node and all below it, in the order of the text. */
export function* walk(node: Node): Generator<Node> {
  yield node
  const children: Node[] = []
  node.forEachChild(child => void children.push(child))
  for (const child of children) yield* walk(child)
}

/** The line of a node's first token (not of its comment), counted from 1. */
export function lineOf(source: SourceFile, node: Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
}
