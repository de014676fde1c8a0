import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const NOT_IN_A_CLONE = ['dist', 'node_modules', '.cache']
const PATH = /(?<![\w./:@~-])[\w.][\w.<>*-]*\/[\w.<>*/-]*|(?<![\w./:@~-])[\w.-]+\.(?:ts|py)\b/g
const LINK = /\]\((?!\w+:)([^)#\s]+)/g

/** The pages that a reader is given, paths from the project's folder. */
export function pages(root: string): string[] {
  return globSync(['*.md', 'docs/*.md', 'models/*.md'], { cwd: root }).sort()
}

/**
 * Every path in a page of the project that is not there. A path begins with a file or folder of the project's own, from
 * its folder or the page's, or ends in `.ts` or `.py`; `<name>`, `NAME` and `*` stand for some name. Names without a
 * folder may lie anywhere. Links are read from the page that holds them.
 */
export function checkPages(root: string): string[] {
  const top = new Set(globSync('*', { cwd: root }).filter(name => !NOT_IN_A_CLONE.includes(name)))
  return pages(root).flatMap(page => {
    const text = readFileSync(join(root, page), 'utf8')
    const links = [...text.matchAll(LINK)].map(([, link]) => join(dirname(page), link))
    const paths = [...text.replace(LINK, '').matchAll(PATH)].map(([path]) => path.replace(/[.]$/, ''))
    const named = paths.filter(
      path => !path.startsWith('..') && (top.has(path.split('/')[0]) || /\.(?:ts|py)$/.test(path))
    )
    return [...new Set([...links, ...named])]
      .filter(path => !isThere(root, path) && !isThere(root, join(dirname(page), path)))
      .map(path => `${page}: ${path} is not there`)
  })
}

function isThere(root: string, path: string): boolean {
  const pattern = path.replace(/<[^>]*>|(?<=\/)[A-Z]+(?=\/|$)/g, '*')
  if (pattern.split('/').some(part => NOT_IN_A_CLONE.includes(part))) return true
  if (!pattern.includes('*') && existsSync(join(root, pattern))) return true
  const anywhere = pattern.includes('/') ? pattern : `**/${pattern}`
  return globSync(anywhere, { cwd: root, exclude: name => NOT_IN_A_CLONE.includes(name) }).length > 0
}
